/// What an operator has to change in a module's configuration.
public struct ConfigurationError: Error, Hashable, Sendable {
    /// One thing that is wrong.
    public struct Problem: Hashable, Sendable {
        /// Where, seen from the module's own configuration, as in `blocked_domains[2]`; empty for all of it.
        public var path: String
        /// What is wrong and what is expected.
        public var message: String

        public init(path: String = "", message: String) {
            self.path = path
            self.message = message
        }
    }

    public var problems: [Problem]

    public init(_ problems: [Problem]) {
        self.problems = problems
    }

    public init(_ message: String, at path: String = "") {
        self.problems = [Problem(path: path, message: message)]
    }
}

extension ConfigurationError: CustomStringConvertible {
    public var description: String {
        self.problems.map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }.joined(separator: "\n")
    }
}
