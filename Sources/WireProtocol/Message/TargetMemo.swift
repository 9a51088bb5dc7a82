/// The targets that were read last.
///
/// Nearly every message names one of a few targets: to recognise its bytes takes a fraction of the time that making, checking and
/// freeing another string does, and equal targets become one string, which makes comparing them cheap as well.
public struct TargetMemo: Sendable {
    private var texts: [String]

    /// - Parameter count: How many targets to remember, a power of two or 0.
    public init(count: Int = 16) {
        precondition(count & (count - 1) == 0, "The count is no power of two.")
        self.texts = Array(repeating: "", count: count)
    }

    /// The text of a target, remembered or read.
    ///
    /// - Parameters:
    ///   - bytes: The target as it came.
    ///   - read: Makes a text of it, or says what is wrong with it.
    /// - Returns: The text; the same string each time, while the target is remembered.
    /// - Throws: What `read` throws.
    mutating func text(
        of bytes: UnsafeRawBufferPointer,
        reading read: (UnsafeRawBufferPointer) throws(WireError) -> String
    ) throws(WireError) -> String {
        guard let last = bytes.last else { return "" }
        guard !self.texts.isEmpty else { return try read(bytes) }
        // Targets have long beginnings in common; their ends and lengths tell them apart.
        let place = (bytes.count &* 5 &+ Int(last)) & (self.texts.count - 1)
        if Self.isEqual(self.texts[place], bytes) { return self.texts[place] }
        let text = try read(bytes)
        self.texts[place] = text
        return text
    }

    private static func isEqual(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        // The length first: it is there, while the letters are got at by a closure.
        guard text.utf8.count == bytes.count else { return false }
        return text.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).hasBytes(of: bytes) } ?? false
    }
}
