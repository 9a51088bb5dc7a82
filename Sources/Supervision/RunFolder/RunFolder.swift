public import ServiceRuntime

/// Where a platform started from a folder keeps its state: `run/` beside the configuration file.
public struct RunFolder: Sendable, Hashable {
    public let path: String

    /// The run folder of a configuration.
    public init(of configuration: PlatformConfiguration) {
        self.init(path: "\(configuration.directory)/run")
    }

    /// A run folder at an absolute path.
    public init(path: String) {
        self.path = path
    }

    /// Held by the supervisor.
    public var supervisorLock: String { "\(self.path)/ganglion.lock" }
    /// Held by every child, for as long as one is left.
    public var processesLock: String { "\(self.path)/processes.lock" }
    /// What the supervisor knows, for `ganglion status`.
    public var state: String { "\(self.path)/supervisor.json" }
    /// One file for each process.
    public var logs: String { "\(self.path)/log" }

    public func log(of name: String) -> String { "\(self.logs)/\(name).log" }
}
