/// Which calls of a callback concern a module, by the arguments (`docs/wire-protocol.md` §3.3): those of the others are not sent to it.
///
/// A filter has alternatives, of which one has to hold; an alternative has conditions, all of which have to hold.
public struct ArgumentFilter: Hashable, Sendable {
    /// The most alternatives of a filter, and the most conditions of each.
    public static let conditionsMax = 32
    /// The most values of one condition.
    public static let valuesMax = 256
    /// The longest filter, in bytes of JSON.
    public static let sizeMax = 16_384

    /// What has to be true of one value in the arguments.
    public struct Condition: Hashable, Sendable {
        /// What is asked of the value.
        public enum Test: Hashable, Sendable {
            /// It is one of these: texts, whole numbers, booleans or null.
            case oneOf([JSONValue])
            /// It is a text that begins with one of these.
            case prefix([String])
            /// Whether it is there at all, be it null.
            case exists(Bool)
        }

        public var path: ArgumentPath
        public var test: Test

        public init(_ path: ArgumentPath, _ test: Test) {
            self.path = path
            self.test = test
        }

        /// Whether it holds of a call's arguments.
        public func holds(of arguments: JSONValue) -> Bool {
            let value = self.path.value(in: arguments)
            switch self.test {
            case .exists(let isWanted): return (value != nil) == isWanted
            case .oneOf(let values): return value.map(values.contains) ?? false
            case .prefix(let prefixes):
                guard let text = value?.string else { return false }
                return prefixes.contains { text.utf8.starts(with: $0.utf8) }
            }
        }
    }

    public var alternatives: [[Condition]]

    /// A filter of conditions that all have to hold.
    public init(_ conditions: Condition...) {
        self.alternatives = [conditions]
    }

    /// A filter of alternatives, of which one has to hold.
    public init(anyOf alternatives: [[Condition]]) {
        self.alternatives = alternatives
    }

    /// Whether a call with these arguments concerns the module.
    public func matches(_ arguments: JSONValue) -> Bool {
        self.alternatives.contains { conditions in conditions.allSatisfy { $0.holds(of: arguments) } }
    }
}

extension ArgumentFilter.Condition {
    /// The value under these names is one of some values.
    ///
    ///     .argument("event", "type", is: "m.room.member", "m.room.create")
    public static func argument(_ names: String..., is values: JSONValue...) -> Self {
        Self(ArgumentPath(names), .oneOf(values))
    }

    /// The value under these names is a text that begins with one of some texts.
    public static func argument(_ names: String..., beginsWith prefixes: String...) -> Self {
        Self(ArgumentPath(names), .prefix(prefixes))
    }

    /// There is a value under these names, or there is none.
    public static func argument(_ names: String..., exists isWanted: Bool) -> Self {
        Self(ArgumentPath(names), .exists(isWanted))
    }
}

// MARK: JSON

extension ArgumentFilter {
    /// Reads a filter as a manifest has it, and holds it against the bounds.
    ///
    /// - Throws: ``JSONError`` that says what is wrong and under which path.
    public init(json: JSONValue) throws(JSONError) {
        let size = json.encoded().count
        guard size <= Self.sizeMax else {
            throw JSONError("a filter has at most \(Self.sizeMax) bytes of JSON, and this one \(size)")
        }
        let alternatives = json.array ?? [json]
        guard (1...Self.conditionsMax).contains(alternatives.count) else {
            throw JSONError("a filter has 1 to \(Self.conditionsMax) alternatives")
        }
        try self.init(alternatives)
    }

    /// Reads the alternatives of several filters, each of which has been held against the bounds.
    public init(union json: JSONValue) throws(JSONError) {
        try self.init(json.array ?? [json])
    }

    private init(_ alternatives: [JSONValue]) throws(JSONError) {
        self.alternatives = []
        for alternative in alternatives {
            guard let members = alternative.object else {
                throw JSONError("expected an object of paths with tests, or a list of such, found \(alternative.kind)")
            }
            guard (1...Self.conditionsMax).contains(members.count) else {
                throw JSONError("expected 1 to \(Self.conditionsMax) paths, found \(members.count)")
            }
            var conditions: [Condition] = []
            for (path, test) in members { conditions.append(try Condition(path, test)) }
            self.alternatives.append(conditions)
        }
    }

    /// The filter as a manifest has it.
    public var json: JSONValue {
        let alternatives = self.alternatives.map { conditions in
            var members = JSONObject()
            for condition in conditions { members[condition.path.text] = condition.test.json }
            return JSONValue.object(members)
        }
        return alternatives.count == 1 ? alternatives[0] : .array(alternatives)
    }
}

extension ArgumentFilter.Condition {
    fileprivate init(_ path: String, _ test: JSONValue) throws(JSONError) {
        self.path = try ArgumentPath(parsing: path)
        do {
            self.test = try Test(json: test)
        } catch {
            throw JSONError("\(path): \(error.message)")
        }
    }
}

extension ArgumentFilter.Condition.Test {
    fileprivate init(json: JSONValue) throws(JSONError) {
        switch json {
        case .array(let values): self = .oneOf(try Self.values(values))
        case .object(let members): self = try Self.named(members)
        default: self = .oneOf(try Self.values([json]))
        }
    }

    private static func named(_ members: JSONObject) throws(JSONError) -> Self {
        guard members.count == 1, let name = members.keys.first, let value = members[name] else {
            throw JSONError("expected `prefix` or `exists`, and only one of them")
        }
        switch name {
        case "prefix":
            let values = value.array ?? [value]
            let prefixes = values.compactMap(\.string)
            guard prefixes.count == values.count, (1...ArgumentFilter.valuesMax).contains(values.count) else {
                throw JSONError("`prefix` is a text, or a list of 1 to \(ArgumentFilter.valuesMax)")
            }
            return .prefix(prefixes)
        case "exists":
            guard let isWanted = value.bool else { throw JSONError("`exists` is true or false") }
            return .exists(isWanted)
        default:
            throw JSONError(
                "there is no test `\(name.prefix(40))`; a test is a value, a list of values, `prefix` or `exists`"
            )
        }
    }

    private static func values(_ values: [JSONValue]) throws(JSONError) -> [JSONValue] {
        guard (1...ArgumentFilter.valuesMax).contains(values.count) else {
            throw JSONError("expected 1 to \(ArgumentFilter.valuesMax) values, found \(values.count)")
        }
        for value in values {
            switch value {
            case .string, .integer, .bool, .null: continue
            case .number, .array, .object:
                throw JSONError("a value is a text, a whole number, a boolean or null, not \(value)")
            }
        }
        return values
    }

    fileprivate var json: JSONValue {
        switch self {
        case .oneOf(let values): values.count == 1 ? values[0] : .array(values)
        case .prefix(let prefixes):
            ["prefix": prefixes.count == 1 ? .string(prefixes[0]) : .array(prefixes.map(JSONValue.string))]
        case .exists(let isWanted): ["exists": .bool(isWanted)]
        }
    }
}
