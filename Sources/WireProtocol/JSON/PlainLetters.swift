/// Finds runs of letters that need no thought: ASCII that is no control character, no quote and no backslash.
///
/// Nearly all text on the wire is made of them, and they are looked at eight at a time.
enum PlainLetters {
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// Where the run that begins at a position ends.
    static func end(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            guard self.arePlain(word) else { break }
            position += 8
        }
        while position < bytes.count, Self.isPlain(bytes[position]) { position += 1 }
        return position
    }

    /// Whether eight letters are, each a byte of a word.
    ///
    /// Subtracting from each byte borrows from its highest bit where the byte is too small. Source: «Bit Twiddling Hacks», S. E.
    /// Anderson, «Determine if a word has a byte less than n».
    private static func arePlain(_ word: UInt64) -> Bool {
        let quotes = word ^ (Self.ones &* UInt64(Self.quote))
        let backslashes = word ^ (Self.ones &* UInt64(Self.backslash))
        let others =
            word | ((word &- Self.ones &* 0x20) & ~word) | ((quotes &- Self.ones) & ~quotes)
            | ((backslashes &- Self.ones) & ~backslashes)
        return others & Self.highBits == 0
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != Self.quote && byte != Self.backslash
    }
}
