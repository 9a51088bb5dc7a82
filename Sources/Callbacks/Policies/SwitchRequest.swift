import WireProtocol

/// What an operator says when a module is to be disabled or enabled.
struct SwitchRequest {
    private static let textSizeMax = 1024

    var module: String
    var by: String
    var reason: String

    init(_ body: Payload) throws(JSONError) {
        let reader = try JSONReader(try JSONValue(parsing: body))
        self.module = String(try reader.string("module").prefix(64))
        self.by = Self.cut(try reader.string("by", default: ""))
        self.reason = Self.cut(try reader.string("reason", default: ""))
    }

    private static func cut(_ text: String) -> String {
        String(decoding: text.utf8.prefix(Self.textSizeMax), as: UTF8.self)
    }
}
