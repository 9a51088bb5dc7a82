/// A configuration that cannot be used, with every reason at once.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case missing
            case unreadable
            case invalid
        }

        private let kind: Kind

        /// There is no such file.
        public static let missing = Self(kind: .missing)
        /// The file is there and cannot be read as text.
        public static let unreadable = Self(kind: .unreadable)
        /// The file was read and something in it is wrong.
        public static let invalid = Self(kind: .invalid)

        public var description: String { self.kind.rawValue }
    }

    /// What kind of failure it is.
    public let code: Code
    /// Every problem found, in the order of the file; never empty.
    public let problems: [ConfigurationProblem]

    /// Creates an error, for what only the service that uses a value can find.
    public init(_ code: Code, problems: [ConfigurationProblem]) {
        self.code = code
        self.problems = problems
    }

    /// One problem a line.
    public var description: String {
        self.problems.map(\.description).joined(separator: "\n")
    }
}

extension ConfigurationError {
    static func missing(_ file: String) -> Self {
        let message = """
            there is no such file. Write one, for example:

              modules:
                - module: directory            # its name on the platform
                  run: ["directory-module"]    # how it is started; left out: it starts elsewhere
                  config: {}                   # handed to the module as it is

            An empty file is a platform without modules.
            """
        return Self(.missing, problems: [.init(file: file, location: nil, keyPath: "", message: message)])
    }

    static func unreadable(_ file: String, reason: String) -> Self {
        Self(.unreadable, problems: [.init(file: file, location: nil, keyPath: "", message: reason)])
    }
}
