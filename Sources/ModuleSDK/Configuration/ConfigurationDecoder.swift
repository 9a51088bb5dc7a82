public import WireProtocol

/// Decodes a module's configuration and names the place of what does not fit.
///
/// Beyond what a decoder of JSON does, it finds the keys that nothing asked for: a misspelt key is an error, not a default.
public enum ConfigurationDecoder {
    /// Decodes a value.
    ///
    /// An absent configuration (`null`) is read as an empty object.
    ///
    /// - Throws: ``ConfigurationError``.
    public static func decode<Value: Decodable>(_ type: Value.Type, from json: JSONValue) throws -> Value {
        let node = ConfigurationNode(json == .null ? .object([:]) : json, path: "")
        do {
            let value = try Value(from: node)
            let unknown = node.unknownKeys
            guard unknown.isEmpty else {
                throw ConfigurationError(unknown.map { ConfigurationError.Problem(path: $0, message: "unknown key") })
            }
            return value
        } catch let error as DecodingError {
            throw ConfigurationError(error)
        }
    }
}

/// A value of the configuration, and which of its keys were asked for.
final class ConfigurationNode: Decoder {
    let json: JSONValue
    let path: String
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    private var askedKeys: Set<String>?
    private var children: [ConfigurationNode] = []

    init(_ json: JSONValue, path: String) {
        self.json = json
        self.path = path
    }

    /// The paths of the keys that nothing asked for, here and below.
    var unknownKeys: [String] {
        let below = self.children.flatMap(\.unknownKeys)
        guard let asked = self.askedKeys, let object = self.json.object else { return below }
        return object.keys.filter { !asked.contains($0) }.map(self.path(to:)) + below
    }

    func noteAsked(_ key: String) {
        self.askedKeys = (self.askedKeys ?? []).union([key])
    }

    func child(_ json: JSONValue, path: String) -> ConfigurationNode {
        let node = ConfigurationNode(json, path: path)
        self.children.append(node)
        return node
    }

    func path(to key: String) -> String {
        self.path.isEmpty ? key : "\(self.path).\(key)"
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = self.json.object else { throw self.mismatch("an object") }
        self.askedKeys = self.askedKeys ?? []
        return KeyedDecodingContainer(ConfigurationObject(node: self, object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let array = self.json.array else { throw self.mismatch("a list") }
        return ConfigurationList(node: self, array: array)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        ConfigurationScalar(node: self)
    }

    func mismatch(_ expected: String) -> ConfigurationError {
        ConfigurationError("expected \(expected), found \(self.json.kind)", at: self.path)
    }
}

extension ConfigurationError {
    /// An error that a `Decodable` type threw itself.
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context):
            self.init(context.debugDescription, at: context.codingPath.map(\.stringValue).joined(separator: "."))
        @unknown default:
            self.init("\(error)")
        }
    }
}
