import WireProtocol

/// What a module's answer does to an `amend` chain.
///
/// An answer is `[ALLOWED, REPLACEMENT]`, or one half of it alone, or `null`: nothing against it and nothing changed.
enum Amendment: Equatable {
    case veto
    case unchanged
    case replaced(JSONValue)

    /// Reads an answer that is of the declared type; nil when it is none of the forms above.
    init?(_ answer: JSONValue) {
        switch answer {
        case .null, .bool(true): self = .unchanged
        case .bool(false): self = .veto
        case .object: self = .replaced(answer)
        case .array(let parts):
            guard parts.count == 2, let isAllowed = parts[0].bool else { return nil }
            guard isAllowed else {
                self = .veto
                return
            }
            self = parts[1] == .null ? .unchanged : .replaced(parts[1])
        default: return nil
        }
    }

    /// The arguments of a call with one of them replaced; nil when they are no JSON object.
    static func arguments(_ body: Payload, replacing name: String, by value: JSONValue) -> Payload? {
        guard case .object(var arguments) = try? JSONValue(parsing: body) else { return nil }
        arguments[name] = value
        return JSONValue.object(arguments).encoded()
    }
}
