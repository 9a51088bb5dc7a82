/// Why a call did not get as far as a reply.
///
/// A reply that says error is not one of these: it is a ``BusReply`` with a fault.
public struct BusError: Error, Hashable, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case timeout
            case lost
            case notConnected
            case overloaded
            case cancelled
            case stopped
            case invalidRequest
        }

        private let kind: Kind

        /// The budget ended before a reply came.
        public static let timeout = Self(kind: .timeout)
        /// The connection went away with the call; whether it was carried out is unknown.
        public static let lost = Self(kind: .lost)
        /// There is no connection to the bus; nothing was sent.
        public static let notConnected = Self(kind: .notConnected)
        /// A bound of this process was reached; nothing was sent.
        public static let overloaded = Self(kind: .overloaded)
        /// The task that called was cancelled.
        public static let cancelled = Self(kind: .cancelled)
        /// The connection has been stopped.
        public static let stopped = Self(kind: .stopped)
        /// The request breaks a limit of the protocol; nothing was sent.
        public static let invalidRequest = Self(kind: .invalidRequest)

        public var description: String { self.kind.rawValue }
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension BusError: CustomStringConvertible {
    public var description: String {
        "\(self.code): \(self.message)"
    }
}
