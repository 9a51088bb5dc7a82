internal import Callbacks
internal import WireProtocol

/// Invented arguments of a callback: of the types that the catalogue declares, and such that they concern the module.
struct SampleArguments {
    /// Every argument that is declared.
    let all: Payload
    /// Those that every caller gives; nil when they are all.
    let required: Payload?

    init(_ declaration: CallbackDeclaration, _ claim: CallbackClaim) {
        var values = JSONObject()
        for argument in declaration.arguments { values[argument.name] = argument.type.sample(named: argument.name) }
        if case .keyed(let keyed) = declaration.rule, let key = claim.keys.first?.key {
            values[keyed.argument] = .string(key)
        }
        let filter = claim.filter.flatMap { try? ArgumentFilter(json: $0) }
        self.all = Self.passing(filter, .object(values)).encoded()
        let optional = declaration.arguments.filter(\.isOptional)
        for argument in optional { values[argument.name] = nil }
        self.required = optional.isEmpty ? nil : Self.passing(filter, .object(values)).encoded()
    }

    /// The same arguments, changed so that the first alternative of a filter holds.
    private static func passing(_ filter: ArgumentFilter?, _ arguments: JSONValue) -> JSONValue {
        (filter?.alternatives.first ?? []).reduce(arguments) { arguments, condition in
            switch condition.test {
            case .oneOf(let values): arguments.setting(condition.path.names[...], to: values.first)
            case .prefix(let prefixes):
                arguments.setting(condition.path.names[...], to: prefixes.first.map(JSONValue.string))
            case .exists(true): arguments.setting(condition.path.names[...], to: nil, onlyIfMissing: true)
            case .exists(false): arguments.removing(condition.path.names[...])
            }
        }
    }
}

extension JSONValue {
    /// The value with another one under some names; `null` where there is none to set.
    fileprivate func setting(_ names: ArraySlice<String>, to value: JSONValue?, onlyIfMissing: Bool = false) -> Self {
        guard let name = names.first else { return value ?? .null }
        var object = self.object ?? JSONObject()
        if names.count == 1, onlyIfMissing, object[name] != nil { return self }
        object[name] = (object[name] ?? .null).setting(names.dropFirst(), to: value, onlyIfMissing: onlyIfMissing)
        return .object(object)
    }

    fileprivate func removing(_ names: ArraySlice<String>) -> Self {
        guard let name = names.first, var object = self.object, let member = object[name] else { return self }
        // Spelled out: a bare `nil` would be the JSON value null, which is there.
        object[name] = names.count == 1 ? JSONValue?.none : member.removing(names.dropFirst())
        return .object(object)
    }
}

extension ValueType {
    private static let user = "@conformance:example.org"
    private static let room = "!conformance:example.org"

    private static let event: JSONValue = [
        "type": "m.room.message", "sender": .string(Self.user), "room_id": .string(Self.room),
        "event_id": "$conformance", "origin_server_ts": 1_700_000_000_000,
        "content": ["msgtype": "m.text", "body": "A trial by ganglion conform."],
    ]

    /// A value of this type, which its name may say more about.
    func sample(named name: String) -> JSONValue {
        switch self {
        case .null: .null
        case .boolean: false
        case .integer: 1
        case .number: 1.5
        case .string: .string(Self.text(named: name))
        case .array: []
        case .any, .object: name.contains("event") ? Self.event : [:]
        case .oneOf(let values): values.first ?? .null
        case .prefix(let prefixes): .string("\(prefixes.first ?? "")CONFORMANCE")
        case .anyOf(let types): types.first?.sample(named: name) ?? .null
        case .tuple(let types): .array(types.map { $0.sample(named: name) })
        case .list(let type): [type.sample(named: name)]
        case .map(let type): ["conformance": type.sample(named: name)]
        case .fields(let fields):
            .object(
                fields.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { object, field in
                    object[field.key] = field.value.sample(named: field.key)
                }
            )
        }
    }

    private static func text(named name: String) -> String {
        let people = ["user", "inviter", "invitee", "sender", "requester"]
        if people.contains(where: name.contains) { return Self.user }
        return name.contains("room") ? Self.room : "conformance"
    }
}
