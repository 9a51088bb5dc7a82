/// What the supervisor's rules have to know about one process.
public struct ProcessPlan: Sendable, Hashable {
    /// Which part of the platform a process is.
    public enum Role: Sendable, Hashable {
        /// The meeting point of all others: first to start, last to stop.
        case dispatcher
        /// The HTTP side: started when the dispatcher was, the first to stop, so that requests in flight still find modules.
        case gateway
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
        case .dispatcher: 0
        case .gateway: 1
        case .module: 2
        }
    }

    var stopStage: Int {
        switch self.role {
        case .gateway: 0
        case .module: 1
        case .dispatcher: 2
        }
    }
}
