import WireProtocol

/// What a call says, all of it drawn from its number: whoever sees the number knows the rest without reading it.
struct VirtualArguments: Equatable {
    var token: Int
    /// Who it is about; of one call in eight nobody, or what is no text.
    var who: JSONValue?
    /// What an `amend` chain may replace, also by something else.
    var value: Int64?

    init(_ token: Int) {
        let draw = UInt64(token) &* 0x9E37_79B9_7F4A_7C15 >> 40
        self.token = token
        self.who =
            switch draw % 16 {
            case 0: nil
            case 1: 7
            case 2...8: "a"
            case 9...12: "b"
            default: "c"
            }
        self.value = Int64(draw / 16 % 3)
    }

    /// Its bytes; the number is in front, for those who look for it.
    var body: Payload {
        CallToken.body(self.token, "\(self.who.map { ",\"who\":\($0)" } ?? ""),\"event\":{\"v\":\(self.value ?? 0)}")
    }

    /// What stands under a path.
    func value(at path: String) -> JSONValue? {
        path == "who" ? self.who : self.value.map(JSONValue.integer)
    }
}

/// Which calls concern a module, read from its manifest once more, from `docs/wire-protocol.md` and nothing else.
struct VirtualFilter: Equatable {
    /// One of these has to hold: under the path stands one of the values.
    private var alternatives: [(path: String, values: [JSONValue])]

    init(_ json: JSONValue) {
        self.alternatives = (json.array ?? [json]).compactMap { alternative in
            guard let (path, values) = alternative.object?.first(where: { _ in true }) else { return nil }
            return (path, values.array ?? [values])
        }
    }

    func matches(_ arguments: VirtualArguments) -> Bool {
        self.alternatives.contains { path, values in arguments.value(at: path).map(values.contains) ?? false }
    }

    /// What concerns one or the other.
    func united(with other: VirtualFilter) -> VirtualFilter {
        var united = self
        united.alternatives += other.alternatives
        return united
    }

    static func == (left: VirtualFilter, right: VirtualFilter) -> Bool {
        left.alternatives.elementsEqual(right.alternatives) { $0.path == $1.path && $0.values == $1.values }
    }

    /// What modules register.
    static let samples: [JSONValue] = [
        ["who": "a"], ["who": ["b", "c"]], ["event.v": 0], ["event.v": [1, 2]], [["who": "a"], ["event.v": 2]],
    ]
}
