/// The bounds that both sides of the wire keep, whatever the operator configures.
public enum WireLimits {
    /// The version of the protocol that this code speaks.
    public static let version: UInt8 = 1
    /// The bytes of a header before its target.
    public static let headerSize = 24
    /// The longest target, in bytes of UTF-8.
    public static let targetSize = 1024
    /// The longest body of a control message, in bytes.
    public static let controlBodySize = 1 << 20
    /// The longest body of a control message that tells what many peers have registered, in bytes.
    ///
    /// Only who binds the bus sends these: a peer may say ``controlBodySize`` and no more.
    public static let tableBodySize = 16 << 20
    /// The longest body of a `PACK`, in bytes.
    public static let packSize = 16 << 10
    /// The most messages in a `PACK`: others wait while they are read.
    public static let packMessages = 64
    /// The longest metadata frame, in bytes.
    public static let metadataSize = 256 << 10
    /// The longest body of a call or reply unless the operator says otherwise, in bytes.
    public static let defaultBodySize = 16 << 20
    /// The longest budget of a call, in milliseconds.
    public static let budgetMilliseconds: UInt32 = 600_000
}
