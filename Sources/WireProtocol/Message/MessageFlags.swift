/// The flag bits of a header, with the status of a reply in bits 8 and 9.
public struct MessageFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// A metadata frame stands between the header and the body.
    public static let metadata = Self(rawValue: 1 << 0)
    /// The caller wants the steps of the decision in the reply's metadata.
    public static let explain = Self(rawValue: 1 << 1)
    /// In a `HELLO` and the `WELCOME` to it: whoever says so reads `PACK`.
    public static let packs = Self(rawValue: 1 << 2)

    /// Flags that carry a reply's status.
    public init(_ status: ReplyStatus) {
        self.init(rawValue: UInt16(status.rawValue) << 8)
    }

    /// The status a `REPLY` carries; meaningless for other kinds.
    public var status: ReplyStatus {
        ReplyStatus(rawValue: UInt8((self.rawValue >> 8) & 0b11)) ?? .error
    }
}
