/// Finds runs of letters that need no thought, which nearly all text on the wire is made of; they are looked at eight at a time.
enum PlainLetters {
    private static let backslash = UInt8(ascii: "\\")

    /// Where the run of ASCII that JSON wants unescaped ends: no control character, no quote and no backslash.
    static func end(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        // Unchecked, for this is done for every byte of every answer, and positions stay far below what an integer holds.
        while position &+ 32 <= bytes.count {
            let (first, second) = (bytes.words(at: position), bytes.words(at: position &+ 16))
            let found = Self.notPlain(first) | Self.notPlain(second)
            guard (found.x | found.y) & Self.highBits == 0 else { break }
            position &+= 32
        }
        return bytes.firstLetter(from: position) { Self.notPlain($0) & Self.highBits }
    }

    /// Where the run that JSON wants unescaped ends, whatever its letters are.
    static func unescapedEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position &+ 32 <= bytes.count {
            let (first, second) = (bytes.words(at: position), bytes.words(at: position &+ 16))
            let found = Self.notPlain(first) & ~first | Self.notPlain(second) & ~second
            guard (found.x | found.y) & Self.highBits == 0 else { break }
            position &+= 32
        }
        return bytes.firstLetter(from: position) { Self.notPlain($0) & ~$0 & Self.highBits }
    }

    /// The highest bit is set in each of eight letters that is not ASCII or has to be escaped, and perhaps in those behind one.
    ///
    /// Subtracting borrows from a byte's highest bit where the byte is too small, and then perhaps from the next byte. Source: «Bit Twiddling
    /// Hacks», S. E. Anderson, «Determine if a word has a byte less than n». With its second bit turned over, quote and number sign change
    /// places with space and exclamation mark, so that a quote comes right behind the control characters: one subtraction finds them all.
    @inline(__always)
    private static func notPlain(_ word: UInt64) -> UInt64 {
        let quotesAndControls = (word ^ (Self.ones &* 0x02)) &- Self.ones &* 0x21
        let backslashes = (word ^ (Self.ones &* UInt64(Self.backslash))) &- Self.ones
        return word | quotesAndControls | backslashes
    }

    /// The same of sixteen letters.
    @inline(__always)
    private static func notPlain(_ words: SIMD2<UInt64>) -> SIMD2<UInt64> {
        let ones = SIMD2(repeating: Self.ones)
        let quotesAndControls = (words ^ SIMD2(repeating: Self.ones &* 0x02)) &- SIMD2(repeating: Self.ones &* 0x21)
        let backslashes = (words ^ SIMD2(repeating: Self.ones &* UInt64(Self.backslash))) &- ones
        return words | quotesAndControls | backslashes
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080
}

extension UnsafeRawBufferPointer {
    /// Finds the first letter of some kind.
    ///
    /// - Parameters:
    ///   - start: Where to begin.
    ///   - highBits: Sets the highest bit of the first such letter among eight, and of none before it.
    /// - Returns: Where it is; the end if there is none.
    @inline(__always)
    fileprivate func firstLetter(from start: Int, where highBits: (UInt64) -> UInt64) -> Int {
        var position = start
        while position &+ 8 <= self.count {
            let found = highBits(self.word(at: position))
            guard found == 0 else { return position &+ found.trailingZeroBitCount / 8 }
            position &+= 8
        }
        guard position < self.count else { return self.count }
        // The letters that are left, and spaces behind them.
        var word: UInt64 = 0x2020_2020_2020_2020 << UInt64((self.count - position) * 8)
        for index in position..<self.count { word |= UInt64(self[index]) << UInt64((index - position) * 8) }
        let found = highBits(word)
        return found == 0 ? self.count : position + found.trailingZeroBitCount / 8
    }

    @inline(__always)
    fileprivate func words(at position: Int) -> SIMD2<UInt64> {
        self.loadUnaligned(fromByteOffset: position, as: SIMD2<UInt64>.self)
    }
}
