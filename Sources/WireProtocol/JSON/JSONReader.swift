/// Reads the members of a JSON object and names the one that does not fit.
public struct JSONReader: Sendable {
    private let object: JSONObject
    private let path: String

    /// - Parameters:
    ///   - value: What must be an object.
    ///   - path: Where it stands, for error messages; empty for the whole text.
    /// - Throws: ``JSONError`` when the value is not an object.
    public init(_ value: JSONValue, path: String = "") throws(JSONError) {
        guard let object = value.object else {
            throw JSONError("\(path.isEmpty ? "the body" : path): expected an object, found \(value.kind)")
        }
        self.object = object
        self.path = path
    }

    public func string(_ key: String) throws(JSONError) -> String {
        try self.required(key, "a string", \.string)
    }

    public func string(_ key: String, default fallback: String) throws(JSONError) -> String {
        try self.optional(key, "a string", \.string) ?? fallback
    }

    public func optionalString(_ key: String) throws(JSONError) -> String? {
        try self.optional(key, "a string", \.string)
    }

    /// One of the texts that an enumeration lists.
    public func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        default fallback: Choice? = nil
    ) throws(JSONError) -> Choice {
        let expected = Choice.allCases.map { "'\($0.rawValue)'" }.joined(separator: " or ")
        guard let text = try self.optional(key, expected, \.string) else {
            guard let fallback else { throw self.mismatch(key, expected, nil) }
            return fallback
        }
        guard let choice = Choice(rawValue: text) else {
            throw JSONError("\(self.path(to: key)): expected \(expected), found '\(text.prefix(80))'")
        }
        return choice
    }

    public func bool(_ key: String, default fallback: Bool) throws(JSONError) -> Bool {
        try self.optional(key, "true or false", \.bool) ?? fallback
    }

    /// A whole number within bounds.
    public func integer<Integer: FixedWidthInteger>(
        _ key: String,
        in range: ClosedRange<Integer>,
        default fallback: Integer? = nil
    ) throws(JSONError) -> Integer {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let value = try self.optional(key, expected, \.integer) else {
            guard let fallback else { throw self.mismatch(key, expected, nil) }
            return fallback
        }
        guard let integer = Integer(exactly: value), range.contains(integer) else {
            throw JSONError("\(self.path(to: key)): expected \(expected), found \(value)")
        }
        return integer
    }

    /// A member of any kind; `null` where it is absent.
    public func value(_ key: String) -> JSONValue {
        self.object[key] ?? .null
    }

    public func object(_ key: String) throws(JSONError) -> JSONReader {
        try JSONReader(self.value(key), path: self.path(to: key))
    }

    public func strings(_ key: String) throws(JSONError) -> [String] {
        try self.list(key) { element, path throws(JSONError) in
            guard let string = element.string else {
                throw JSONError("\(path): expected a string, found \(element.kind)")
            }
            return string
        }
    }

    /// A list of objects; an absent one is empty.
    public func objects<Element>(
        _ key: String,
        _ read: (JSONReader) throws(JSONError) -> Element
    ) throws(JSONError) -> [Element] {
        try self.list(key) { element, path throws(JSONError) in try read(JSONReader(element, path: path)) }
    }

    private func list<Element>(
        _ key: String,
        _ read: (JSONValue, String) throws(JSONError) -> Element
    ) throws(JSONError) -> [Element] {
        let values = try self.optional(key, "a list", \.array) ?? []
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            elements.append(try read(value, "\(self.path(to: key))[\(index)]"))
        }
        return elements
    }

    private func required<Value>(
        _ key: String,
        _ expected: String,
        _ convert: (JSONValue) -> Value?
    ) throws(JSONError) -> Value {
        guard let value = try self.optional(key, expected, convert) else { throw self.mismatch(key, expected, nil) }
        return value
    }

    /// Absent and `null` are the same.
    private func optional<Value>(
        _ key: String,
        _ expected: String,
        _ convert: (JSONValue) -> Value?
    ) throws(JSONError) -> Value? {
        guard let value = self.object[key], value != .null else { return nil }
        guard let converted = convert(value) else { throw self.mismatch(key, expected, value) }
        return converted
    }

    private func mismatch(_ key: String, _ expected: String, _ found: JSONValue?) -> JSONError {
        JSONError("\(self.path(to: key)): expected \(expected), found \(found?.kind ?? "nothing")")
    }

    private func path(to key: String) -> String {
        self.path.isEmpty ? key : "\(self.path).\(key)"
    }
}
