/// Answers one key of a keyed callback.
public struct KeyedHandler: Sendable {
    /// The value of the argument that holds the key.
    public var key: String
    /// What all modules that answer this key have to agree on, such as the fields that a login of this type has.
    public var fields: [String]
    let handler: CallbackHandler

    public init(_ key: String, fields: [String] = [], handler: @escaping CallbackHandler) {
        self.key = key
        self.fields = fields
        self.handler = handler
    }
}
