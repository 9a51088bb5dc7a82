import MessageBus
import WireProtocol

/// One connection and what its peer has said on it.
struct Peer: SlabElement {
    enum Role: Equatable {
        /// It has not said hello.
        case stranger
        case host
        /// A replica of the module at this place of the configuration.
        case module(Int)
    }

    private(set) var id: PeerID
    var role = Role.stranger
    var state = ModuleState.configured
    var name = ""
    var version = ""
    var incarnation = ""
    /// The number under which both are kept for explanations; 0 for those who are no module.
    var identity: UInt32 = 0
    var since: MonotonicTime
    var liveness: PeerLiveness?
    var lastHeard: MonotonicTime
    var abuse = AbuseMeter()
    /// Why it was refused last: the same once more is no news for the log.
    var refusal: [Remark] = []
    /// When it was last asked who it is.
    var lastAsked: MonotonicTime?
    /// Whether the newest table did not reach it.
    var hasStaleTable = false
    /// Whether it has not been told that what it registered was withdrawn.
    var isRefusalUntold = false

    // MARK: What it serves

    /// What it wanted to register and cannot have as long as another module has it.
    var contested: Manifest?

    var manifest = Manifest()
    /// What of its manifest another module could contest, registered or wanted.
    var rivalry = RivalCheck()
    /// Why it takes no calls, as it says itself; nil when it does.
    var disabledBecause: String?
    /// For each callback of the catalogue how many calls it takes at a time; 0 for those it has not registered.
    var concurrency: [UInt16] = []
    /// By callback which calls concern it, where not all do.
    var filters: [Int: ArgumentFilter] = [:]
    /// For each callback of the catalogue how many calls it has now.
    var running: [UInt16] = []
    /// How many calls it takes at a time in all.
    var concurrencyMax = 0
    /// Calls to it that it has not answered.
    var outgoing = 0
    /// How long it takes to answer.
    var latency = LatencyEstimate()
    var calls = 0
    var errors = 0
    var timeouts = 0

    // MARK: What it asked for

    /// Calls of it that have not been answered.
    var incoming = 0
    /// The newest of them, the head of a list through the chains.
    var newestChain = -1
    /// Where they are by their ids; nil for most, who cancel nothing but what they have just called.
    var cancelIndex: CancelIndex?
    /// What it called last, where that leads, and by which table: most peers call the same again.
    var lastTarget = ""
    var lastDestination: RoutingTable.Destination?
    var lastEpoch: UInt64 = 0

    init(id: PeerID, now: MonotonicTime) {
        self.id = id
        self.since = now
        self.lastHeard = now
    }

    mutating func vacate() {
        self = Peer(id: PeerID(rawValue: 0), now: self.since)
    }

    /// Whether it can be sent new calls.
    @inline(__always)
    var isUp: Bool { self.state == .ready }

    @inline(__always)
    mutating func noteSent(at now: MonotonicTime) {
        self.liveness?.sent(at: now)
    }

    /// Notes that a message came.
    @inline(__always)
    mutating func noteHeard(at now: MonotonicTime) {
        self.lastHeard = now
        self.liveness?.heard(at: now)
    }

    /// Puts a call into its books.
    ///
    /// - Parameter callback: The callback's place in the catalogue; -1 for a call to it alone.
    @inline(__always)
    mutating func enter(_ callback: Int) {
        self.outgoing += 1
        self.calls += 1
        if callback >= 0 { self.running[callback] += 1 }
    }

    /// The module it is a replica of.
    var module: Int? {
        guard case .module(let module) = self.role else { return nil }
        return module
    }

    // Inlined: else the whole value is copied for the call.
    @inline(__always)
    func serves(_ callback: Int) -> Bool {
        // Not with `&&`, whose right side is a closure.
        guard callback < self.concurrency.count else { return false }
        return self.concurrency[callback] > 0
    }

}

extension Manifest {
    /// Whether a module with this manifest serves what a direct call is for.
    func serves(_ target: String, of module: String) -> Bool {
        self.routes.contains { DirectKind.web.target($0.path, of: module) == target }
            || self.methods.contains { DirectKind.method.target($0.name, of: module) == target }
            || self.backgroundUpdates.contains { DirectKind.backgroundUpdate.target($0.name, of: module) == target }
    }
}
