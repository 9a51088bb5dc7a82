/// Finds runs of letters that need no thought, which nearly all text on the wire is made of; they are looked at eight at a time.
enum PlainLetters {
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// Where the run of ASCII that JSON wants unescaped ends: no control character, no quote and no backslash.
    static func end(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position + 32 <= bytes.count {
            let found = Self.notPlain(bytes.words(at: position)) | Self.notPlain(bytes.words(at: position + 16))
            guard (found.x | found.y) & Self.highBits == 0 else { break }
            position += 32
        }
        while position + 8 <= bytes.count, Self.notPlain(bytes.word(at: position)) & Self.highBits == 0 {
            position += 8
        }
        while position < bytes.count, !Self.isEscaped(bytes[position]), bytes[position] <= 0x7F { position += 1 }
        return position
    }

    /// Where the run that JSON wants unescaped ends, whatever its letters are.
    static func unescapedEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        // What is found among letters that are not ASCII is looked at one by one.
        while position + 16 <= bytes.count {
            let words = bytes.words(at: position)
            let found = Self.notPlain(words) & ~words
            guard (found.x | found.y) & Self.highBits == 0 else { break }
            position += 16
        }
        while position < bytes.count, !Self.isEscaped(bytes[position]) { position += 1 }
        return position
    }

    /// The highest bit is set in each of eight letters that is not ASCII or has to be escaped, and perhaps in those before one.
    ///
    /// Subtracting borrows from a byte's highest bit where the byte is too small. Source: «Bit Twiddling Hacks», S. E. Anderson,
    /// «Determine if a word has a byte less than n».
    @inline(__always)
    private static func notPlain(_ word: UInt64) -> UInt64 {
        let quotes = (word ^ (Self.ones &* UInt64(Self.quote))) &- Self.ones
        let backslashes = (word ^ (Self.ones &* UInt64(Self.backslash))) &- Self.ones
        let controls = word &- Self.ones &* 0x20
        return word | quotes | backslashes | controls
    }

    /// The same of sixteen letters.
    @inline(__always)
    private static func notPlain(_ words: SIMD2<UInt64>) -> SIMD2<UInt64> {
        let ones = SIMD2(repeating: Self.ones)
        let quotes = (words ^ SIMD2(repeating: Self.ones &* UInt64(Self.quote))) &- ones
        let backslashes = (words ^ SIMD2(repeating: Self.ones &* UInt64(Self.backslash))) &- ones
        let controls = words &- SIMD2(repeating: Self.ones &* 0x20)
        return words | quotes | backslashes | controls
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == Self.quote || byte == Self.backslash
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always)
    fileprivate func word(at position: Int) -> UInt64 {
        self.loadUnaligned(fromByteOffset: position, as: UInt64.self)
    }

    @inline(__always)
    fileprivate func words(at position: Int) -> SIMD2<UInt64> {
        self.loadUnaligned(fromByteOffset: position, as: SIMD2<UInt64>.self)
    }
}
