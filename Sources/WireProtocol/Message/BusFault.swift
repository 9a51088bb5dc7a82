/// Why a call has no result: the body of a `REPLY` with status `error` or `overloaded`.
public struct BusFault: Error, ControlBody {
    /// What went wrong, in the words of the wire (`docs/wire-protocol.md` §4.2).
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        public static let badRequest = Self(rawValue: "bad_request")
        public static let notFound = Self(rawValue: "not_found")
        public static let noneRegistered = Self(rawValue: "none_registered")
        public static let noneUp = Self(rawValue: "none_up")
        public static let timeout = Self(rawValue: "timeout")
        public static let lost = Self(rawValue: "lost")
        public static let overloaded = Self(rawValue: "overloaded")
        public static let invalidResult = Self(rawValue: "invalid_result")
        public static let moduleError = Self(rawValue: "module_error")
        public static let tooLarge = Self(rawValue: "too_large")
        public static let cancelled = Self(rawValue: "cancelled")
        public static let forbidden = Self(rawValue: "forbidden")
        public static let `internal` = Self(rawValue: "internal")
    }

    public var code: Code
    public var message: String
    /// Whether the same call may succeed later.
    public var isRetryable: Bool

    public init(_ code: Code, _ message: String, isRetryable: Bool = false) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.code = Code(rawValue: try reader.string("code"))
        self.message = try reader.string("message", default: "")
        self.isRetryable = try reader.bool("retryable", default: false)
    }

    public var json: JSONValue {
        ["code": .string(self.code.rawValue), "message": .string(self.message), "retryable": .bool(self.isRetryable)]
    }
}

extension BusFault: CustomStringConvertible {
    public var description: String {
        "\(self.code.rawValue): \(self.message)"
    }
}
