internal import WireProtocol

/// The elements of a list, as a `Decodable` type asks for them.
struct ConfigurationList: UnkeyedDecodingContainer {
    let node: ConfigurationNode
    let array: [JSONValue]
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { self.array.count }
    var isAtEnd: Bool { self.currentIndex == self.array.count }

    init(node: ConfigurationNode, array: [JSONValue]) {
        self.node = node
        self.array = array
    }

    mutating func decodeNil() throws -> Bool {
        guard !self.isAtEnd, self.array[self.currentIndex] == .null else { return false }
        self.currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try self.next().decode(type)
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try self.next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try self.next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder {
        try self.next()
    }

    private mutating func next() throws -> ConfigurationNode {
        let path = "\(self.node.path)[\(self.currentIndex)]"
        guard !self.isAtEnd else { throw ConfigurationError("is missing", at: path) }
        defer { self.currentIndex += 1 }
        return self.node.child(self.array[self.currentIndex], path: path)
    }
}
