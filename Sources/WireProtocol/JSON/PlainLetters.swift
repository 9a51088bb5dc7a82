/// Finds runs of letters that need no thought, which nearly all text on the wire is made of; they are looked at eight at a time.
enum PlainLetters {
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// Where the run of ASCII that JSON wants unescaped ends: no control character, no quote and no backslash.
    static func end(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        self.end(in: bytes, from: start, notAbove: 0x7F)
    }

    /// Where the run that JSON wants unescaped ends, whatever its letters are.
    static func unescapedEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        self.end(in: bytes, from: start, notAbove: 0xFF)
    }

    private static func end(in bytes: UnsafeRawBufferPointer, from start: Int, notAbove highest: UInt8) -> Int {
        var position = start
        let forbiddenBits = Self.ones &* UInt64(~highest)
        while position + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            guard (word & forbiddenBits) | Self.escaped(word) == 0 else { break }
            position += 8
        }
        while position < bytes.count, !Self.isEscaped(bytes[position]), bytes[position] <= highest { position += 1 }
        return position
    }

    /// Not 0 when one of eight letters, each a byte of a word, has to be escaped.
    ///
    /// Subtracting from each byte borrows from its highest bit where the byte is too small. Source: «Bit Twiddling Hacks», S. E.
    /// Anderson, «Determine if a word has a byte less than n».
    private static func escaped(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (Self.ones &* UInt64(Self.quote))
        let backslashes = word ^ (Self.ones &* UInt64(Self.backslash))
        let controls = (word &- Self.ones &* 0x20) & ~word
        let others = ((quotes &- Self.ones) & ~quotes) | ((backslashes &- Self.ones) & ~backslashes)
        return (controls | others) & Self.highBits
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == Self.quote || byte == Self.backslash
    }
}
