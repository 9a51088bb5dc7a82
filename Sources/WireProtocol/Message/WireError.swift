/// Why bytes from a socket are not a message.
public struct WireError: Error, Hashable, Sendable {
    /// The rule that was broken.
    public enum Code: String, Sendable {
        case headerTooShort = "header_too_short"
        case unsupportedVersion = "unsupported_version"
        case unknownKind = "unknown_kind"
        case targetTooLong = "target_too_long"
        case targetNotUTF8 = "target_not_utf8"
        case frameCount = "frame_count"
        case metadataTooLong = "metadata_too_long"
        case bodyTooLong = "body_too_long"
        case controlBody = "control_body"
        case pack
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension WireError: CustomStringConvertible {
    public var description: String {
        "malformed message (\(self.code.rawValue)): \(self.message)"
    }
}
