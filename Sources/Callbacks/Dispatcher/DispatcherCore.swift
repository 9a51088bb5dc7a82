import Logging
public import MessageBus
public import WireProtocol

/// Everything the dispatcher decides: who is who, who serves what, and what becomes of each call.
///
/// Peers, modules, callbacks and chains are known by small integers, so a call costs two look-ups by hash: the caller's
/// connection and the target.
public struct DispatcherCore: RouterCore, Sendable {
    let configuration: DispatcherConfiguration
    /// The places of the modules in the configuration by name.
    let moduleIndices: [String: Int]
    /// The callbacks in the order of the catalogue.
    let plans: [CallbackPlan]
    /// What failures of each module do to each callback's chain.
    let failures: FailureTable

    /// The callbacks that are not to be decided without their modules.
    let requiredCallbacks: [Int]
    /// For some of them the modules that have to be there.
    let requiredModules: [Int: [Int]]
    /// Until when a dispatcher that has just started waits for modules that have not registered yet.
    let settled: MonotonicTime
    /// For each callback the module that it has to wait for; -1 for none.
    var gates: [Int]
    /// The modules that an operator has taken out.
    var switches: ModuleSwitches

    var peers = Slab<Peer>()
    var places = PeerPlaces()
    var modules: [ModuleRecord]
    /// The modules that have wanted what not all can have, in order: only of these one can be in another's way.
    var contestants: [Int] = []
    var chains = Slab<Chain>()
    var steps = CallTracker<Step>()
    var chainNumber: UInt64 = 0
    /// Modules for which calls wait that may go now.
    var modulesWithRoom: [Int] = []
    /// Who is told what in order.
    var lanes = OrderLanes()
    /// Calls whose turn in their lane has come.
    var turns: [UInt64] = []
    var circuits: CircuitBreakers
    /// For each callback.
    var retryBudgets: [RetryBudget]
    var scopes = ScopeTable()
    /// How many scopes were left without a word of whoever entered.
    var lostScopes = 0

    var table: RoutingTable
    /// What the table was made of.
    var tableClaims: [ModuleClaims?]
    var tableRests: [Bool]
    var epoch: UInt64 = 1
    /// The table as hosts get it; nil until somebody wants it.
    var writtenTable: Payload?
    /// When hosts are sent it.
    var tablePace = TablePace()

    /// For each module one counter a callback and one for each kind of direct calls.
    var callCounters: [CallCounters]
    /// One for each callback and one for each kind of direct calls.
    var outcomes: [OutcomeCounters]
    var busCounters = BusCounters()
    var identities = PeerIdentities()
    var decisions: DecisionLog
    var shadowCalls = Slab<ShadowCall>()
    var shadowReport = ShadowReport()

    let started: MonotonicTime
    var nextSweep: MonotonicTime?
    /// When connections were last looked for that are gone, and when they are to be again.
    var lastProbe: MonotonicTime?
    var nextProbe: MonotonicTime?

    /// A dispatcher that nobody has spoken to.
    public init(_ configuration: DispatcherConfiguration, now: MonotonicTime) {
        let callbacks = configuration.catalogue.callbacks
        self.configuration = configuration
        self.moduleIndices = Dictionary(
            configuration.modules.enumerated().map { ($0.element.id, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        self.plans = callbacks.map(CallbackPlan.init)
        self.failures = FailureTable(configuration)
        let required = callbacks.indices.filter { callbacks[$0].isRequired }
        let indices = self.moduleIndices
        self.requiredCallbacks = required
        self.requiredModules = Dictionary(
            uniqueKeysWithValues: required.map { ($0, callbacks[$0].requiredModules.compactMap { indices[$0] }) }
        )
        self.settled = now.adding(milliseconds: configuration.settleMilliseconds)
        self.gates = Array(repeating: -1, count: callbacks.count)
        self.switches = ModuleSwitches(moduleCount: configuration.modules.count)
        self.modules = configuration.modules.map { _ in ModuleRecord() }
        self.table = RoutingTable(configuration, configuration.modules.map { _ in nil })
        self.tableClaims = configuration.modules.map { _ in nil }
        self.tableRests = configuration.modules.map { _ in false }
        let columns = callbacks.count + DirectKind.allCases.count
        let retries = RetryBudget(percent: configuration.retryPercent)
        self.retryBudgets = Array(repeating: retries, count: callbacks.count)
        self.circuits = CircuitBreakers(
            count: configuration.modules.count * columns,
            CircuitBreaker.Limits(failures: configuration.circuitFailures, pause: configuration.circuitPause)
        )
        self.callCounters = Array(repeating: CallCounters(), count: configuration.modules.count * columns)
        self.outcomes = Array(repeating: OutcomeCounters(), count: columns)
        self.started = now
        self.decisions = DecisionLog(decisionsMax: configuration.decisionsMax)
        self.disableByConfiguration(at: now)
        self.table = self.currentTable
        self.refreshGates(at: now)
    }

    /// The column of the counters that belongs to a kind of direct calls: they stand after the callbacks.
    func column(_ kind: DirectKind) -> Int { self.plans.count + kind.rawValue }
    /// Whether a column belongs to a callback.
    // Inlined, as all that calls ask of the core without changing it: else the whole of it is copied for the call.
    @inline(__always)
    func isCallback(_ column: Int) -> Bool { column < self.plans.count }

    public mutating func receive(
        _ envelope: consuming Envelope,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        defer { self.settleWaiting(at: now, into: &actions) }
        let place = self.place(of: peer, at: now)
        guard !self.isBarred(place, at: now) else {
            self.busCounters.barred += 1
            return
        }
        guard self.peers[place].role != .stranger || envelope.header.kind == .hello else {
            return self.askWho(place, at: now, into: &actions)
        }
        self.heard(place, at: now, into: &actions)
        switch envelope.header.kind {
        case .call: self.call(consume envelope, from: place, at: now, into: &actions)
        case .reply: self.reply(consume envelope, from: place, at: now, into: &actions)
        case .cancel: self.cancel(envelope.header.callID, of: place, at: now, into: &actions)
        default: self.control(envelope, from: place, at: now, into: &actions)
        }
    }

    private mutating func control(
        _ envelope: Envelope,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard self.isWithinMeasure(envelope.header.kind, from: place, at: now, into: &actions) else { return }
        switch envelope.header.kind {
        case .hello: self.hello(envelope, from: place, at: now, into: &actions)
        case .register: self.register(envelope.body, from: place, at: now, into: &actions)
        case .ready: self.ready(envelope.body, from: place, at: now, into: &actions)
        case .ping:
            self.send(Header(kind: .pong, callID: envelope.header.callID), to: place, at: now, into: &actions)
        case .pong: break
        case .drain: self.drain(place, at: now, into: &actions)
        case .bye: self.bye(envelope.body, from: place, at: now, into: &actions)
        case .chunk, .credit, .pack: self.busCounters.unknownKinds += 1
        case .welcome, .registered, .refused, .whoAreYou, .table, .invalidate, .call, .reply, .cancel:
            self.malformed(place, at: now, into: &actions)
        }
    }

    public mutating func receiveMalformed(
        _ error: WireError,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        defer { self.settleWaiting(at: now, into: &actions) }
        let place = self.place(of: peer, at: now)
        guard !self.isBarred(place, at: now) else {
            self.busCounters.barred += 1
            return
        }
        guard error.code != .unknownKind else {
            self.busCounters.unknownKinds += 1
            return
        }
        self.malformed(place, at: now, into: &actions)
    }

    /// Whether what a connection sends is to be dropped unread.
    @inline(__always)
    private mutating func isBarred(_ place: Int, at now: MonotonicTime) -> Bool {
        // Nearly nobody ever was: only then is there anything to change.
        guard self.peers[place].abuse.hasBarred else { return false }
        return self.peers[place].abuse.isBarred(at: now)
    }

    // MARK: Sending

    mutating func send(
        _ header: consuming Header,
        metadata: consuming Metadata = .none,
        body: consuming Payload = .empty,
        to place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.peers[place].noteSent(at: now)
        let envelope = Envelope(consume header, consume metadata, body: consume body)
        actions.append(.send(envelope, to: self.peers[place].id))
    }
}
