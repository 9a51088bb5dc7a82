import WireProtocol

/// What an operator says when a module is to be disabled or enabled.
struct SwitchRequest {
    private static let textSizeMax = 1024

    var module: String
    var by: String
    var reason: String

    init(_ body: Payload) throws(JSONError) {
        let reader = try JSONReader(try JSONValue(parsing: body))
        self.module = try reader.string("module")
        self.by = Self.cut(try reader.string("by", default: ""))
        self.reason = Self.cut(try reader.string("reason", default: ""))
    }

    private static func cut(_ text: String) -> String {
        String(text.prefix(Self.textSizeMax))
    }
}
