/// What is needed to start one process, in the folder that this process is in.
public struct ProcessCommand: Sendable, Hashable {
    /// Absolute path.
    public var executable: String
    public var arguments: [String]
    /// The whole environment of the process.
    public var environment: [String: String]

    /// Creates a command.
    public init(executable: String, arguments: [String], environment: [String: String]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }
}

/// A process to be supervised: what the rules need, and what the system needs.
public struct ProcessSpecification: Sendable, Hashable {
    public var plan: ProcessPlan
    public var command: ProcessCommand
    /// The module it is an instance of; nil for a service of the platform.
    public var module: String?

    /// Creates a specification.
    public init(plan: ProcessPlan, command: ProcessCommand, module: String? = nil) {
        self.plan = plan
        self.command = command
        self.module = module
    }
}
