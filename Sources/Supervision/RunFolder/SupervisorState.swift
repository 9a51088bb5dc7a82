import Foundation

/// What the supervisor knows, as `run/supervisor.json` has it for `ganglion status`.
public struct SupervisorState: Sendable, Hashable, Codable {
    /// One process of the platform.
    public struct Process: Sendable, Hashable, Codable {
        public var name: String
        /// The module that it is an instance of; absent for the platform's own services.
        public var module: String?
        /// ``ProcessState/word``.
        public var state: String
        public var pid: Int32?
        public var restarts: Int
        /// Why it is not running, or last ended.
        public var reason: String?

        /// Creates an entry.
        public init(
            name: String,
            module: String?,
            state: String,
            pid: Int32? = nil,
            restarts: Int = 0,
            reason: String? = nil
        ) {
            self.name = name
            self.module = module
            self.state = state
            self.pid = pid
            self.restarts = restarts
            self.reason = reason
        }

        /// There is a process that nobody asked to end.
        public var isRunning: Bool { ["starting", "running"].contains(self.state) }

        /// It is not started again until somebody asks.
        public var isSetAside: Bool {
            [ProcessState.quarantined.word, ProcessState.configurationError.word].contains(self.state)
        }
    }

    /// The supervisor's own process.
    public var supervisor: Int32
    public var processes: [Process]

    /// Creates a state.
    public init(supervisor: Int32, processes: [Process]) {
        self.supervisor = supervisor
        self.processes = processes
    }

    /// The state of the platform that runs from a folder; nil when none does.
    public static func load(_ folder: RunFolder) -> Self? {
        guard FolderLock.holder(of: folder.supervisorLock) != nil,
            let data = FileManager.default.contents(atPath: folder.state)
        else { return nil }
        return try? JSONDecoder().decode(Self.self, from: data)
    }
}
