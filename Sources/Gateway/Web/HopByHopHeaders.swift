internal import HTTPTypes

/// The header fields that belong to one connection and are never passed on (RFC 9110 §7.6.1).
struct HopByHopHeaders {
    private static let always: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    /// Those that this message's `Connection` names, lower case.
    private let named: Set<String>

    init(connection values: [String]) {
        self.named = Set(values.flatMap { $0.split(separator: ",") }.map { Self.trimmed($0).lowercased() })
    }

    /// What a request says about its own connection.
    init(of fields: HTTPFields) {
        // Most requests name nothing, or nothing that is not dropped anyway.
        switch fields[.connection] {
        case nil, "keep-alive", "close": self.init(connection: [])
        default: self.init(connection: fields[values: .connection])
        }
    }

    /// Whether the field with a name, in lower case, stays on this connection.
    func contains(_ name: String) -> Bool {
        Self.always.contains(name) || (!self.named.isEmpty && self.named.contains(name))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
