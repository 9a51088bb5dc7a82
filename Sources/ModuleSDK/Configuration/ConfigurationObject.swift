internal import WireProtocol

/// The members of an object, as a `Decodable` type asks for them.
struct ConfigurationObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: ConfigurationNode
    let object: JSONObject
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { self.object.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool {
        self.node.noteAsked(key.stringValue)
        return self.object[key.stringValue] != nil
    }

    func decodeNil(forKey key: Key) -> Bool {
        self.node.noteAsked(key.stringValue)
        return (self.object[key.stringValue] ?? .null) == .null
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try self.child(key).decode(type)
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try self.scalar(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try self.scalar(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try self.scalar(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try self.scalar(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try self.scalar(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try self.scalar(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try self.scalar(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try self.scalar(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try self.scalar(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try self.scalar(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try self.scalar(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try self.scalar(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try self.scalar(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try self.scalar(key).decode(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try self.child(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try self.child(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { self.node }
    func superDecoder(forKey key: Key) throws -> any Decoder { try self.child(key) }

    private func scalar(_ key: Key) throws -> ConfigurationScalar {
        ConfigurationScalar(node: try self.child(key))
    }

    private func child(_ key: Key) throws -> ConfigurationNode {
        self.node.noteAsked(key.stringValue)
        let path = self.node.path(to: key.stringValue)
        guard let value = self.object[key.stringValue] else {
            throw ConfigurationError("is missing", at: path)
        }
        return self.node.child(value, path: path)
    }
}
