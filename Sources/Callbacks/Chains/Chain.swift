import MessageBus
import WireProtocol

/// One admitted call on its way through the modules that it concerns.
struct Chain: SlabElement {
    enum Subject: Equatable {
        /// The callback's place in the catalogue.
        case callback(Int)
        /// One module, whose answer is handed on as it is.
        case direct(DirectKind, module: Int)
    }

    enum Scope: Equatable {
        case none
        /// A module may enter, or has.
        case entering
        /// The scope with the chain's number is open.
        case open
    }

    var number: UInt64 = 0
    var subject = Subject.callback(0)
    /// The caller's place among the peers; a chain ends no later than its caller does.
    var caller = -1
    var callID: UInt64 = 0
    var target = ""
    var metadata = Metadata.none
    var body = Payload.empty
    var isExplained = false
    /// The routing table that it was admitted under.
    var epoch: UInt64 = 0
    /// The modules to ask, in order, as that table has them.
    var members: [Int] = []
    /// How many of them are to be asked.
    var memberCount = 0
    /// How many of them have been asked.
    var position = 0
    var admitted = MonotonicTime(nanoseconds: 0)
    /// When the reply has to leave.
    var deadline = MonotonicTime(nanoseconds: 0)

    /// The call to a module that is in flight; 0 for none.
    var step: UInt64 = 0
    /// What a call to a `scoped` callback has come to.
    var scope = Scope.none
    /// The calls that are in flight side by side.
    var parallelSteps: [UInt64] = []
    /// For each member where the neighbours end that can be asked side by side with it; empty where nobody can.
    var segmentEnds: [Int] = []
    /// For each member which calls concern it; empty where all do.
    var filters: [ArgumentFilter?] = []
    /// For each member whether this call does not; empty where it is everybody's.
    var isFiltered: [Bool] = []
    /// Those who are asked side by side now, and whose answers count in order.
    var segment = PureSegment()
    /// The first failure of a `notify` chain that is to fail it.
    var fault: BusFault?
    /// What the answers so far add up to.
    var gathering: Gathering?
    /// The steps so far, if the reply is to explain them.
    var trace: [StepRecord] = []
    /// Where they are kept for whoever asks later.
    var trail = DecisionLog.Trail()
    /// The calls to modules in shadow that are compared with what it comes to.
    var shadows: [Int] = []

    /// The caller's next newer and next older chain.
    var newer = -1
    var older = -1

    /// Makes it what a new one is.
    ///
    /// Most chains have nothing in most of these lists, and to look costs less than to let go of an empty one.
    mutating func vacate() {
        self.number = 0
        self.subject = .callback(0)
        self.caller = -1
        self.callID = 0
        self.target = ""
        if self.metadata.isPresent { self.metadata = .none }
        self.body = .empty
        self.isExplained = false
        self.epoch = 0
        self.admitted = MonotonicTime(nanoseconds: 0)
        self.deadline = MonotonicTime(nanoseconds: 0)
        self.vacateMembers()
        self.vacateSteps()
        self.newer = -1
        self.older = -1
    }

    private mutating func vacateMembers() {
        if !self.members.isEmpty { self.members = [] }
        self.memberCount = 0
        self.position = 0
        if !self.segmentEnds.isEmpty { self.segmentEnds = [] }
        if !self.filters.isEmpty { self.filters = [] }
        if !self.isFiltered.isEmpty { self.isFiltered = [] }
    }

    private mutating func vacateSteps() {
        self.step = 0
        self.scope = .none
        if !self.parallelSteps.isEmpty { self.parallelSteps = [] }
        if !self.segment.isEmpty { self.segment = PureSegment() }
        if self.fault != nil { self.fault = nil }
        if self.gathering != nil { self.gathering = nil }
        if !self.trace.isEmpty { self.trace = [] }
        self.trail = DecisionLog.Trail()
        if !self.shadows.isEmpty { self.shadows = [] }
    }
}

/// What the members of a chain have made together; rare, and large, so it is kept out of line.
indirect enum Gathering {
    case merged(Merger)
    /// The newest replacement of the argument, and the module that made it.
    case amended(JSONValue, by: Int)
}

/// One call to a module that is in flight.
struct Step {
    /// The chain it belongs to; -1 for the exit of a scope that nobody waits for.
    var chain: Int
    /// The replica's place among the peers; -1 while it waits for one.
    var peer: Int
    var module: Int
    /// The callback's place in the catalogue, or that of a kind of direct calls after them.
    var column: Int
    var started: MonotonicTime
    /// When it ends, answered or not.
    var deadline: MonotonicTime
    /// The replica's number among the ``PeerIdentities``, which is known when the replica has gone.
    var identity: UInt32 = 0
    /// How often it was made before, at other replicas.
    var retries: Int8 = 0
    /// The lane in which it keeps its order; -1 for none.
    var lane: Int32 = -1
    /// The scope whose exit it is; 0 for all other calls.
    var leaving: UInt64 = 0
    /// Its place among those who are asked side by side and count in order; -1 for all other calls.
    var member = -1
    /// The ``ShadowCall`` that it is; -1 for all calls of chains, and the chain is -1 for this one.
    var shadow = -1
}

/// How a chain ended, as explanations and counters name it.
enum Outcome: String {
    case answer
    case `continue`
    case noneRegistered = "none_registered"
    case noneUp = "none_up"
    case failed
    /// Its caller did not want it any more.
    case cancelled
}
