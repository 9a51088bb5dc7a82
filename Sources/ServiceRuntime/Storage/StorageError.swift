import Foundation

/// A file or folder that is not as it has to be.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    /// Which one.
    public let path: String
    /// What is wrong with it and what to do.
    public let problem: String

    /// Creates an error.
    public init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    /// Creates an error with the system's reason.
    public init(path: String, problem: String, errno: Int32) {
        self.init(path: path, problem: "\(problem): \(String(cString: strerror(errno)))")
    }

    public var description: String { "\(self.path): \(self.problem)" }
}
