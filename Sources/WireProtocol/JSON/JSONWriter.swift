/// Writes JSON text into a growing array of bytes.
///
/// Use it directly where a text is put together from parts, one of which is JSON already.
public struct JSONWriter {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 0) {
        self.bytes.reserveCapacity(capacity)
    }

    /// Appends punctuation, keys or JSON that is known to be well-formed.
    public mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { self.bytes.append(contentsOf: $0) }
    }

    /// Appends bytes that are JSON already.
    public mutating func raw(contentsOf payload: Payload) {
        payload.withUnsafeBytes { self.bytes.append(contentsOf: $0) }
    }

    public mutating func write(_ value: JSONValue) {
        switch value {
        case .null: self.raw("null")
        case .bool(let value): self.raw(value ? "true" : "false")
        case .integer(let value): self.write(value)
        case .number(let value): self.write(value)
        case .string(let value): self.write(value)
        case .array(let values): self.write(values)
        case .object(let object): self.write(object)
        }
    }

    public mutating func write(_ value: some BinaryInteger) {
        self.bytes.append(contentsOf: String(value).utf8)
    }

    /// Appends a number; JSON has no infinities, so a number that is not finite becomes `null`.
    public mutating func write(_ value: Double) {
        guard value.isFinite else { return self.raw("null") }
        self.bytes.append(contentsOf: value.description.utf8)
    }

    private mutating func write(_ values: [JSONValue]) {
        self.raw("[")
        for (index, value) in values.enumerated() {
            if index > 0 { self.raw(",") }
            self.write(value)
        }
        self.raw("]")
    }

    private mutating func write(_ object: JSONObject) {
        self.raw("{")
        var isFirst = true
        for (key, value) in object {
            if !isFirst { self.raw(",") }
            isFirst = false
            self.write(key)
            self.raw(":")
            self.write(value)
        }
        self.raw("}")
    }

    /// Appends a string in quotes, with what JSON wants escaped.
    public mutating func write(_ string: some StringProtocol) {
        self.raw("\"")
        if string.utf8.withContiguousStorageIfAvailable({ self.writeLetters(UnsafeRawBufferPointer($0)) }) == nil {
            Array(string.utf8).withUnsafeBytes { self.writeLetters($0) }
        }
        self.raw("\"")
    }

    /// Appends what stands between the quotes; the bytes between escapes are taken in runs.
    private mutating func writeLetters(_ letters: UnsafeRawBufferPointer) {
        var start = 0
        var position = PlainLetters.unescapedEnd(in: letters, from: 0)
        while position < letters.count {
            defer { position = PlainLetters.unescapedEnd(in: letters, from: position + 1) }
            let byte = letters[position]
            self.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: letters[start..<position]))
            start = position + 1
            switch byte {
            case UInt8(ascii: "\""): self.raw("\\\"")
            case UInt8(ascii: "\\"): self.raw("\\\\")
            case 0x0A: self.raw("\\n")
            case 0x0D: self.raw("\\r")
            case 0x09: self.raw("\\t")
            default: self.escape(byte)
            }
        }
        self.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: letters[start...]))
    }

    private mutating func escape(_ byte: UInt8) {
        self.raw("\\u00")
        for digit in [byte >> 4, byte & 15] {
            self.bytes.append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
