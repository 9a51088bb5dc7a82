/// What the supervisor's rules have to know about one process.
public struct ProcessPlan: Sendable, Hashable {
    /// Which part of the platform a process is.
    public enum Role: Sendable, Hashable {
        /// The meeting point of all others: first to start, last to stop.
        case dispatcher
        /// What modules share of what they looked up: there before they are, gone after them, as the dispatcher.
        case cache
        /// The HTTP side: started when the dispatcher was, the first to stop, so that requests in flight still find modules.
        case gateway
        /// Works background updates: like a module on the bus, but the first to stop, since it calls modules.
        case worker
        /// A module of the operator.
        case module
    }

    /// Unique among the processes of one platform; also the label of its log.
    public let name: String
    public let role: Role

    /// Creates a plan.
    public init(name: String, role: Role) {
        self.name = name
        self.role = role
    }

    /// The platform is of no use without it.
    public var isEssential: Bool { self.role != .module }

    var startStage: Int {
        switch self.role {
        case .dispatcher, .cache: 0
        case .gateway: 1
        case .worker, .module: 2
        }
    }

    var stopStage: Int {
        switch self.role {
        case .gateway, .worker: 0
        case .module: 1
        case .dispatcher, .cache: 2
        }
    }
}
