/// What went wrong with an update, a database or a method of the worker.
public struct BackgroundUpdatesError: Error, Hashable, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case fenced, busy, gone, stale, unavailable, failed, definitive
            case invalidDeclaration = "invalid_declaration"
            case invalidArgument = "invalid_argument"
            case unknownUpdate = "unknown_update"
        }

        private let kind: Kind

        /// Another worker has taken the database over; nothing was written.
        public static let fenced = Self(kind: .fenced)
        /// Somebody else holds the database's write lock.
        public static let busy = Self(kind: .busy)
        /// The update is not in the queue any more.
        public static let gone = Self(kind: .gone)
        /// The rows changed while a module thought about them.
        public static let stale = Self(kind: .stale)
        /// The module that is needed cannot be reached now.
        public static let unavailable = Self(kind: .unavailable)
        /// The batch failed and may succeed later.
        public static let failed = Self(kind: .failed)
        /// It will fail again until a person changes something.
        public static let definitive = Self(kind: .definitive)
        /// A declared update does not make sense, as such or in its database.
        public static let invalidDeclaration = Self(kind: .invalidDeclaration)
        /// A method was called with arguments that it cannot take.
        public static let invalidArgument = Self(kind: .invalidArgument)
        /// No such update is pending.
        public static let unknownUpdate = Self(kind: .unknownUpdate)

        public var description: String { self.kind.rawValue }
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension BackgroundUpdatesError: CustomStringConvertible {
    public var description: String { "\(self.code): \(self.message)" }
}

extension BackgroundUpdatesError {
    /// Any error as one of these: what is not known to be otherwise may succeed when it is tried again.
    init(describing error: any Error) {
        self = error as? BackgroundUpdatesError ?? BackgroundUpdatesError(.failed, "\(error)")
    }
}
