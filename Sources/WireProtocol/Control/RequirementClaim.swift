/// What a module cannot do its work without: another module or service, or a method of one.
public struct RequirementClaim: Hashable, Sendable {
    /// The other's name in the operator's configuration.
    public var module: String
    /// What it has to have registered; nil when its being there is enough.
    public var method: String?

    public init(module: String, method: String? = nil) {
        self.module = module
        self.method = method
    }

    init(_ reader: JSONReader) throws(JSONError) {
        let method = try reader.string("method", default: "")
        self.init(module: try reader.string("module"), method: method.isEmpty ? nil : method)
    }

    var json: JSONValue {
        var object: JSONObject = ["module": .string(self.module)]
        object["method"] = self.method.map { .string($0) }
        return .object(object)
    }
}
