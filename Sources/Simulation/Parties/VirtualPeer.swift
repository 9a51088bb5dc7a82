import MessageBus
import WireProtocol

/// A host's or a module's process: the real session and books of calls, and what its shell keeps.
struct VirtualPeer {
    enum Role: Equatable {
        case host
        /// Its place in the configuration.
        case module(Int)
    }

    /// What a host waits for.
    struct Waiting {
        var token: Int
        /// The callback's place in the catalogue; nil for anything else.
        var callback: Int?
    }

    /// A call that a module works on.
    struct Work {
        var callID: UInt64
        var token: Int
        var status: ReplyStatus
        var body: Payload
        var scope: ScopeWords?
        var session: Int
    }

    let role: Role
    let name: String
    /// The number of the process, no two of which are the same; a restarted peer is another.
    var process = 0
    var isAlive = false
    var isPaused = false
    /// Whether it has disabled itself.
    var isResting = false
    /// Whether it is not started again.
    var isRetired = false
    /// Whether it goes on working on what nobody waits for, and answers it.
    var isSloppy = false
    var session: PeerSession
    var inbound = InboundCalls(countMax: 1024)
    var outbound = CallTracker<Waiting>(countMax: 1024)
    var backoff = Backoff()
    var link: Int?
    var manifest = Manifest()
    var works: [UInt64: Work] = [:]
    /// What arrived while it was paused.
    var missed: [Event] = []
    var timer: MonotonicTime?
    var isDraining = false
    var idleTurns = 0
    var lastTurn = MonotonicTime(nanoseconds: 0)

    init(role: Role, name: String) {
        self.role = role
        self.name = name
        self.session = PeerSession(hello: Hello(id: name, role: .host, version: "", incarnation: ""))
    }

    var module: Int? {
        guard case .module(let module) = self.role else { return nil }
        return module
    }

    /// When its loop has to turn though nothing comes.
    var nextDeadline: MonotonicTime? {
        var next = self.session.nextDeadline
        if let outbound = self.outbound.nextDeadline { next = min(next ?? outbound, outbound) }
        if let inbound = self.inbound.nextDeadline { next = min(next ?? inbound, inbound) }
        return next
    }
}
