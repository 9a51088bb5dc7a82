/// Why bytes are not the JSON that was expected.
public struct JSONError: Error, Hashable, Sendable {
    public let message: String
    /// Where in the bytes, counted from 0; `nil` when the text is JSON but its shape is wrong.
    public let offset: Int?

    public init(_ message: String, offset: Int? = nil) {
        self.message = message
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        guard let offset = self.offset else { return self.message }
        return "\(self.message) at byte \(offset)"
    }
}
