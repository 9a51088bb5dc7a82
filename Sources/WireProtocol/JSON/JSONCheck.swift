/// Finds out that bytes are JSON without building values of them.
///
/// It knows plain texts only: ASCII without escapes, and short whole numbers. Of everything else it says that it does not know, and then
/// ``JSONParser`` decides; so the two can never disagree about what is JSON.
struct JSONCheck {
    /// So short that no number is out of range.
    private static let digitsMax = 15

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Whether the bytes are certainly one JSON text.
    mutating func isPlainDocument() -> Bool {
        guard self.skipValue() else { return false }
        self.skipSpace()
        return self.position == self.bytes.count
    }

    private mutating func skipValue() -> Bool {
        self.skipSpace()
        switch self.current {
        case UInt8(ascii: "\""): return self.skipString()
        case UInt8(ascii: "{"): return self.skipParts(until: UInt8(ascii: "}"), areNamed: true)
        case UInt8(ascii: "["): return self.skipParts(until: UInt8(ascii: "]"), areNamed: false)
        case let byte? where (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(byte): return self.skipNumber()
        case UInt8(ascii: "t"): return self.skipWord("true")
        case UInt8(ascii: "f"): return self.skipWord("false")
        case UInt8(ascii: "n"): return self.skipWord("null")
        default: return false
        }
    }

    private mutating func skipParts(until end: UInt8, areNamed: Bool) -> Bool {
        guard self.depth < JSONParser.depthMax else { return false }
        self.depth += 1
        self.position += 1
        self.skipSpace()
        if self.skip(end) {
            self.depth -= 1
            return true
        }
        repeat {
            if areNamed {
                self.skipSpace()
                guard self.current == UInt8(ascii: "\""), self.skipString() else { return false }
                self.skipSpace()
                guard self.skip(UInt8(ascii: ":")) else { return false }
            }
            guard self.skipValue() else { return false }
            self.skipSpace()
        } while self.skip(UInt8(ascii: ","))
        self.depth -= 1
        return self.skip(end)
    }

    private mutating func skipString() -> Bool {
        let end = PlainLetters.end(in: self.bytes, from: self.position + 1)
        guard end < self.bytes.count, self.bytes[end] == UInt8(ascii: "\"") else { return false }
        self.position = end + 1
        return true
    }

    private mutating func skipNumber() -> Bool {
        let start = self.position
        while let byte = self.current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            self.position += 1
        }
        // A fraction or an exponent that follows is no end of a value, so whoever looks there gives up.
        return self.position - start <= Self.digitsMax
    }

    private mutating func skipWord(_ word: StaticString) -> Bool {
        let end = self.position + word.utf8CodeUnitCount
        guard end <= self.bytes.count else { return false }
        let isThere = word.withUTF8Buffer { self.bytes[self.position..<end].elementsEqual($0) }
        self.position = end
        return isThere
    }

    private var current: UInt8? {
        self.position < self.bytes.count ? self.bytes[self.position] : nil
    }

    private mutating func skipSpace() {
        while let byte = self.current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            self.position += 1
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard self.current == byte else { return false }
        self.position += 1
        return true
    }
}

extension Payload {
    /// Whether the bytes are one JSON text.
    public var isJSON: Bool {
        let isPlain = self.withUnsafeBytes { bytes in
            var check = JSONCheck(bytes)
            return check.isPlainDocument()
        }
        return isPlain || (try? JSONValue(parsing: self)) != nil
    }
}
