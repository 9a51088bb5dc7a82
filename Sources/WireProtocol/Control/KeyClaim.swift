/// One key of a keyed callback that a module wants to answer, such as a login type.
public struct KeyClaim: Hashable, Sendable {
    /// The most keys that one claim of a callback may have.
    public static let keysMax = 256

    /// The value of the argument that holds the key.
    public var key: String
    /// What all modules that answer this key have to agree on, such as the fields that a login of this type has.
    public var fields: [String]

    public init(key: String, fields: [String] = []) {
        self.key = key
        self.fields = fields
    }

    init(_ reader: JSONReader) throws(JSONError) {
        self.init(key: try reader.string("key"), fields: try reader.strings("fields"))
    }

    var json: JSONValue {
        ["key": .string(self.key), "fields": .array(self.fields.map(JSONValue.string))]
    }
}
