/// Reads one JSON text (RFC 8259) from bytes.
public struct JSONParser {
    /// The deepest nesting of lists and objects that is read.
    public static let depthMax = 128

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func parseDocument() throws(JSONError) -> JSONValue {
        let value = try self.parseValue()
        self.skipSpace()
        guard self.position == self.bytes.count else { throw self.unexpected("the end of the text") }
        return value
    }

    private mutating func parseValue() throws(JSONError) -> JSONValue {
        self.skipSpace()
        switch self.current {
        case UInt8(ascii: "{"): return try self.nested { parser throws(JSONError) in .object(try parser.parseObject()) }
        case UInt8(ascii: "["): return try self.nested { parser throws(JSONError) in .array(try parser.parseArray()) }
        case UInt8(ascii: "\""): return .string(try self.parseString())
        case UInt8(ascii: "t"): return try self.parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try self.parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try self.parseWord("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || byte.isDigit: return try self.parseNumber()
        default: throw self.unexpected("a value")
        }
    }

    private mutating func nested(
        _ parse: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard self.depth < Self.depthMax else {
            throw JSONError("nested deeper than \(Self.depthMax) levels", offset: self.position)
        }
        self.depth += 1
        self.position += 1
        defer { self.depth -= 1 }
        return try parse(&self)
    }

    private mutating func parseObject() throws(JSONError) -> JSONObject {
        var object = JSONObject()
        if self.consume(UInt8(ascii: "}"), afterSpace: true) { return object }
        repeat {
            self.skipSpace()
            guard self.current == UInt8(ascii: "\"") else { throw self.unexpected("a key in quotes") }
            let key = try self.parseString()
            guard self.consume(UInt8(ascii: ":"), afterSpace: true) else { throw self.unexpected("':'") }
            object[key] = try self.parseValue()
        } while self.consume(UInt8(ascii: ","), afterSpace: true)
        guard self.consume(UInt8(ascii: "}"), afterSpace: true) else { throw self.unexpected("',' or '}'") }
        return object
    }

    private mutating func parseArray() throws(JSONError) -> [JSONValue] {
        var array: [JSONValue] = []
        if self.consume(UInt8(ascii: "]"), afterSpace: true) { return array }
        repeat {
            array.append(try self.parseValue())
        } while self.consume(UInt8(ascii: ","), afterSpace: true)
        guard self.consume(UInt8(ascii: "]"), afterSpace: true) else { throw self.unexpected("',' or ']'") }
        return array
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let end = self.position + word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { letters in
            end <= self.bytes.count && self.bytes[self.position..<end].elementsEqual(letters)
        }
        guard matches else { throw self.unexpected("a value") }
        self.position = end
        return value
    }

    private var current: UInt8? {
        self.position < self.bytes.count ? self.bytes[self.position] : nil
    }

    private mutating func skipSpace() {
        while let byte = self.current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            self.position += 1
        }
    }

    private mutating func consume(_ byte: UInt8, afterSpace: Bool) -> Bool {
        if afterSpace { self.skipSpace() }
        guard self.current == byte else { return false }
        self.position += 1
        return true
    }

    private func unexpected(_ expected: String) -> JSONError {
        guard let byte = self.current else {
            return JSONError("expected \(expected), found the end of the text", offset: self.position)
        }
        let found = (0x21...0x7E).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
        return JSONError("expected \(expected), found \(found)", offset: self.position)
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = self.position
        _ = self.consume(UInt8(ascii: "-"), afterSpace: false)
        let integral = self.position
        guard self.skipDigits() > 0 else { throw self.unexpected("a digit") }
        if self.bytes[integral] == UInt8(ascii: "0"), self.position > integral + 1 {
            throw JSONError("a number does not begin with 0", offset: integral)
        }
        var isInteger = true
        if self.consume(UInt8(ascii: "."), afterSpace: false) {
            isInteger = false
            guard self.skipDigits() > 0 else { throw self.unexpected("a digit") }
        }
        if self.current == UInt8(ascii: "e") || self.current == UInt8(ascii: "E") {
            isInteger = false
            self.position += 1
            if self.current == UInt8(ascii: "+") || self.current == UInt8(ascii: "-") { self.position += 1 }
            guard self.skipDigits() > 0 else { throw self.unexpected("a digit") }
        }
        let text = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw JSONError("the number \(text.prefix(40)) is out of range", offset: start)
        }
        return .number(number)
    }

    private mutating func skipDigits() -> Int {
        let start = self.position
        while let byte = self.current, byte.isDigit {
            self.position += 1
        }
        return self.position - start
    }
}

// MARK: - Strings

extension JSONParser {
    /// Reads a string; the bytes between escapes are taken in runs.
    private mutating func parseString() throws(JSONError) -> String {
        self.position += 1
        var text = try self.parseRun()
        while true {
            switch self.current {
            case UInt8(ascii: "\""):
                self.position += 1
                return text
            case UInt8(ascii: "\\"):
                text.unicodeScalars.append(try self.parseEscape())
                text += try self.parseRun()
            case nil:
                throw JSONError("the string does not end", offset: self.position)
            default:
                throw JSONError("a control character stands unescaped in a string", offset: self.position)
            }
        }
    }

    private mutating func parseRun() throws(JSONError) -> String {
        let start = self.position
        let end = PlainLetters.unescapedEnd(in: self.bytes, from: start)
        self.position = end
        guard start < end else { return "" }
        let run = UnsafeRawBufferPointer(rebasing: self.bytes[start..<end])
        guard let text = String(validating: run, as: UTF8.self) else {
            throw JSONError("the string is not UTF-8", offset: start)
        }
        return text
    }

    private mutating func parseEscape() throws(JSONError) -> Unicode.Scalar {
        self.position += 1
        defer { self.position += 1 }
        switch self.current {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try self.parseUnicodeEscape()
        default: throw self.unexpected("an escape")
        }
    }

    /// Reads the four digits of a `\u` escape, and of the second half of a surrogate pair; leaves the position on the last digit.
    private mutating func parseUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try self.parseHexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, self.byte(at: 1) == UInt8(ascii: "\\"), self.byte(at: 2) == UInt8(ascii: "u") else {
            throw JSONError("half of a surrogate pair stands alone", offset: self.position)
        }
        self.position += 2
        let second = try self.parseHexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw JSONError("half of a surrogate pair stands alone", offset: self.position) }
        return scalar
    }

    private mutating func parseHexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            self.position += 1
            guard let byte = self.current, let digit = Unicode.Scalar(byte).hexadecimalDigit else {
                throw self.unexpected("a hexadecimal digit")
            }
            value = value << 4 | digit
        }
        return value
    }

    private func byte(at distance: Int) -> UInt8? {
        let index = self.position + distance
        return index < self.bytes.count ? self.bytes[index] : nil
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= self
    }
}

extension Unicode.Scalar {
    fileprivate var hexadecimalDigit: UInt32? {
        switch self {
        case "0"..."9": self.value - 48
        case "a"..."f": self.value - 87
        case "A"..."F": self.value - 55
        default: nil
        }
    }
}
