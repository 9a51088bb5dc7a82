/// The members of a JSON object, in the order in which they were written.
///
/// Two objects are equal when they have the same members, in whatever order. A repeated key keeps its first place and its last
/// value, as most readers of JSON do. Keys are the same when their bytes are: `String` would take `é` in its two spellings for
/// one, and a member would be lost on the way.
public struct JSONObject: Sendable {
    /// The keys in order.
    public private(set) var keys: [String] = []
    private var values: [Name: JSONValue] = [:]

    public init() {}

    public var isEmpty: Bool { self.keys.isEmpty }
    public var count: Int { self.keys.count }

    public subscript(key: String) -> JSONValue? {
        get { self.values[Name(text: key)] }
        set {
            let old = self.values.updateOptional(newValue, forKey: Name(text: key))
            if old == nil, newValue != nil {
                self.keys.append(key)
            } else if old != nil, newValue == nil {
                self.keys.removeAll { Name(text: $0) == Name(text: key) }
            }
        }
    }
}

extension JSONObject {
    /// A key that is compared by its bytes.
    private struct Name: Hashable, Sendable {
        var text: String

        static func == (left: Self, right: Self) -> Bool {
            var (left, right) = (left.text, right.text)
            return left.withUTF8 { left in
                right.withUTF8 { UnsafeRawBufferPointer(left).hasBytes(of: UnsafeRawBufferPointer($0)) }
            }
        }

        func hash(into hasher: inout Hasher) {
            var text = self.text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}

extension Dictionary {
    /// Sets or removes a value and returns the one that was there.
    fileprivate mutating func updateOptional(_ value: Value?, forKey key: Key) -> Value? {
        guard let value else { return self.removeValue(forKey: key) }
        return self.updateValue(value, forKey: key)
    }
}

extension JSONObject: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        left.values == right.values
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.values)
    }
}

extension JSONObject: Sequence {
    /// The members in order.
    public func makeIterator() -> some IteratorProtocol<(key: String, value: JSONValue)> {
        self.keys.lazy.map { (key: $0, value: self[$0] ?? .null) }.makeIterator()
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements {
            self[key] = value
        }
    }
}
