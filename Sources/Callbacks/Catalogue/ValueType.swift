public import WireProtocol

/// What a callback's argument or result has to look like.
public indirect enum ValueType: Hashable, Sendable {
    case any
    case null
    case boolean
    case integer
    case number
    case string
    case array
    case object
    /// One of these values.
    case oneOf([JSONValue])
    /// A string that begins with one of these.
    case prefix([String])
    /// What any of these accepts.
    case anyOf([ValueType])
    /// A list of as many elements, each of its own type.
    case tuple([ValueType])
    /// A list whose elements are all of one type.
    case list(ValueType)
    /// An object whose values are all of one type.
    case map(ValueType)
    /// An object that has at least these members.
    case fields([String: ValueType])

    /// The types that are written as one word.
    static let words: [String: ValueType] = [
        "any": .any, "null": .null, "boolean": .boolean, "integer": .integer, "number": .number, "string": .string,
        "array": .array, "object": .object,
    ]
}

extension ValueType {
    /// Whether a value is of this type.
    public func accepts(_ value: JSONValue) -> Bool {
        switch self {
        case .any: true
        case .null: value == .null
        case .boolean: value.bool != nil
        case .integer: value.integer != nil
        case .number: value.number != nil
        case .string: value.string != nil
        case .array: value.array != nil
        case .object: value.object != nil
        case .oneOf(let values): values.contains(value)
        case .prefix(let prefixes): value.string.map { text in prefixes.contains { text.hasPrefix($0) } } ?? false
        case .anyOf(let types): types.contains { $0.accepts(value) }
        case .tuple, .list, .map, .fields: self.acceptsParts(of: value)
        }
    }

    private func acceptsParts(of value: JSONValue) -> Bool {
        switch (self, value) {
        case (.tuple(let types), .array(let elements)):
            types.count == elements.count && zip(types, elements).allSatisfy { $0.accepts($1) }
        case (.list(let type), .array(let elements)):
            elements.allSatisfy(type.accepts)
        case (.map(let type), .object(let object)):
            object.allSatisfy { type.accepts($0.value) }
        case (.fields(let fields), .object(let object)):
            fields.allSatisfy { name, type in type.accepts(object[name] ?? .null) }
        default:
            false
        }
    }
}

extension ValueType: CustomStringConvertible {
    /// The type in words, for operators and error messages.
    public var description: String {
        switch self {
        case .oneOf(let values): values.map(\.description).joined(separator: "|")
        case .prefix(let prefixes): prefixes.map { "\"\($0)…\"" }.joined(separator: "|")
        case .anyOf(let types): types.map(\.description).joined(separator: "|")
        case .tuple(let types): "[\(types.map(\.description).joined(separator: ", "))]"
        case .list(let type): "[\(type), …]"
        case .map(let type): "{…: \(type)}"
        case .fields(let fields):
            "{\(fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
        default: Self.words.first { $0.value == self }?.key ?? "any"
        }
    }
}
