internal import WireProtocol

/// One value that is not asked for its parts.
struct ConfigurationScalar: SingleValueDecodingContainer {
    let node: ConfigurationNode
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { self.node.json == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard let value = self.node.json.bool else { throw self.node.mismatch("true or false") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard let value = self.node.json.string else { throw self.node.mismatch("a string") }
        return value
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let value = self.node.json.number else { throw self.node.mismatch("a number") }
        return value
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try self.decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try self.integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try self.integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try self.integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try self.integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try self.integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try self.integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try self.integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try self.integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try self.integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try self.integer() }

    private func integer<Integer: FixedWidthInteger>() throws -> Integer {
        guard let value = self.node.json.integer else { throw self.node.mismatch("a whole number") }
        guard let integer = Integer(exactly: value) else {
            throw ConfigurationError("\(value) is not from \(Integer.min) to \(Integer.max)", at: self.node.path)
        }
        return integer
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try self.node.decode(type)
    }
}

extension ConfigurationNode {
    /// Decodes the whole value, and puts this place before the path of an error that has none.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if type == JSONValue.self, let value = self.json as? Value { return value }
        do {
            return try Value(from: self)
        } catch DecodingError.dataCorrupted(let context) {
            throw ConfigurationError(context.debugDescription, at: self.path)
        }
    }
}
