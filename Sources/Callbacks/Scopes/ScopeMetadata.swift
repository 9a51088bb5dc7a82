import WireProtocol

/// What the metadata of a call to a `scoped` callback say: `{"scope":"enter"}` or `{"scope":"exit","scope_id":"…"}`.
enum ScopeMetadata: Equatable {
    case enter
    /// Nil for a scope that is none of this dispatcher's.
    case exit(UInt64?)

    /// Reads a call's metadata; nil when they say neither.
    ///
    /// - Parameters:
    ///   - metadata: The call's metadata.
    ///   - dispatcher: The dispatcher's incarnation, which its scopes' ids begin with.
    init?(_ metadata: Payload?, dispatcher: String) {
        guard let metadata, let members = try? JSONValue(parsing: metadata) else { return nil }
        switch members["scope"]?.string {
        case "enter": self = .enter
        case "exit":
            let id = members["scope_id"]?.string ?? ""
            self = .exit(Self.number(id, dispatcher: dispatcher))
        default: return nil
        }
    }

    static func id(_ number: UInt64, dispatcher: String) -> String { "\(dispatcher)-\(number)" }

    /// The number in an id; nil when it is of another dispatcher.
    static func number(_ id: String, dispatcher: String) -> UInt64? {
        id.hasPrefix("\(dispatcher)-") ? UInt64(id.dropFirst(dispatcher.count + 1)) : nil
    }

    /// The metadata that a module gets: those of the caller with the scope's id.
    static func entering(_ metadata: Payload?, _ number: UInt64, dispatcher: String) -> Payload {
        var members = metadata.flatMap { try? JSONValue(parsing: $0) }?.object ?? JSONObject()
        members["scope"] = "enter"
        members["scope_id"] = .string(Self.id(number, dispatcher: dispatcher))
        return JSONValue.object(members).encoded()
    }

    /// The metadata of an exit that the dispatcher makes.
    static func exiting(_ number: UInt64, dispatcher: String) -> Payload {
        let members: JSONValue = ["scope": "exit", "scope_id": .string(Self.id(number, dispatcher: dispatcher))]
        return members.encoded()
    }
}
