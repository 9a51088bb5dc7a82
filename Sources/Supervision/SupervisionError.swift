import Foundation

/// Why the platform could not be started or kept up.
public struct SupervisionError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case spawn
            case alreadyRunning
            case essentialProcess
            case configuration
            case leftovers
        }

        private let kind: Kind

        /// A process could not be started.
        public static let spawn = Self(kind: .spawn)
        /// Another supervisor holds the folder.
        public static let alreadyRunning = Self(kind: .alreadyRunning)
        /// A process that nothing works without cannot be kept running.
        public static let essentialProcess = Self(kind: .essentialProcess)
        /// A process that nothing works without calls the configuration wrong.
        public static let configuration = Self(kind: .configuration)
        /// Processes did not end in the time they had.
        public static let leftovers = Self(kind: .leftovers)

        public var description: String { self.kind.rawValue }
    }

    public let code: Code
    /// What failed and what to do.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func spawn(_ path: String, _ call: String, errno: Int32) -> Self {
        Self(.spawn, "\(path) could not be started: \(call): \(String(cString: strerror(errno)))")
    }

    public var description: String { self.message }
}
