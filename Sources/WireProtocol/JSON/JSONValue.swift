/// Any JSON value.
///
/// Ganglion reads JSON from peers it does not trust, on the thread that serves everybody. So the parser is its own: it bounds depth,
/// checks UTF-8, never recurses deeper than ``JSONParser/depthMax`` and never traps.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// Reads one JSON text.
    ///
    /// - Throws: ``JSONError`` with the offset of the first byte that does not fit.
    public init(parsing payload: Payload) throws(JSONError) {
        self = try payload.withUnsafeBytes { bytes throws(JSONError) in
            var parser = JSONParser(bytes)
            return try parser.parseDocument()
        }
    }

    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Payload(text))
    }

    /// The value as the shortest JSON text.
    public func encoded() -> Payload {
        if case .string(let text) = self, let payload = Self.encodedPlainly(text) { return payload }
        var writer = JSONWriter(capacity: self.encodedSizeHint)
        writer.write(self)
        return Payload(writer.bytes)
    }

    /// A text without anything to escape, as most answers are, written at once to where it stays; nil for others.
    private static func encodedPlainly(_ text: String) -> Payload? {
        let encoded: Payload?? = text.utf8.withContiguousStorageIfAvailable { letters in
            let letters = UnsafeRawBufferPointer(letters)
            guard PlainLetters.unescapedEnd(in: letters, from: 0) == letters.count else { return nil }
            return Payload(count: letters.count + 2) { bytes in
                bytes[0] = UInt8(ascii: "\"")
                UnsafeMutableRawBufferPointer(rebasing: bytes[1...]).copyMemory(from: letters)
                bytes[bytes.count - 1] = UInt8(ascii: "\"")
            }
        }
        return encoded ?? nil
    }

    /// About as many bytes as the text has, so that it is written into one piece of memory.
    private var encodedSizeHint: Int {
        switch self {
        case .null, .bool: 5
        case .integer, .number: 20
        case .string(let value): value.utf8.count + 2
        case .array(let values): values.reduce(2) { $0 + $1.encodedSizeHint + 1 }
        case .object(let object): object.reduce(2) { $0 + $1.key.utf8.count + $1.value.encodedSizeHint + 4 }
        }
    }
}

extension JSONValue {
    public var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// The value as a floating-point number, whether it was written as an integer or not.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    public var array: [JSONValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    public var object: JSONObject? {
        guard case .object(let value) = self else { return nil }
        return value
    }

    /// A member of an object; `nil` for any other value.
    public subscript(key: String) -> JSONValue? {
        self.object?[key]
    }

    /// What kind of value this is, in words for an error message.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements {
            object[key] = value
        }
        self = .object(object)
    }
}

extension JSONValue: CustomStringConvertible {
    public var description: String {
        self.encoded().text
    }
}
