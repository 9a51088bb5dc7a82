import WireProtocol

/// Unites the results of a `merge` chain.
struct Merger {
    private let rule: CombineRule.Merge
    private(set) var result: JSONValue?

    init(_ rule: CombineRule.Merge) {
        self.rule = rule
    }

    /// Adds a result to those before it.
    ///
    /// - Returns: Whether it swallows all others, so that nobody else has to be asked; nil when it cannot be united.
    mutating func add(_ value: JSONValue) -> Bool? {
        if let absorbing = self.rule.absorbing, value == absorbing {
            self.result = value
            return true
        }
        guard let united = self.unite(value) else { return nil }
        self.result = united
        return false
    }

    private func unite(_ value: JSONValue) -> JSONValue? {
        switch (self.rule.into, value) {
        case (.set, .array(let elements)):
            return .array(Self.union(self.result?.array ?? [], elements))
        case (.object, .object(let members)):
            var united = self.result?.object ?? JSONObject()
            for (key, member) in members { united[key] = member }
            return .object(united)
        case (.setsByKey, .object(let members)):
            var united = self.result?.object ?? JSONObject()
            for (key, member) in members {
                // What stands before a member that is no list is good; where that is not wanted, the result's type says so.
                guard let elements = member.array else { break }
                united[key] = .array(Self.union(united[key]?.array ?? [], elements))
            }
            return .object(united)
        default:
            return nil
        }
    }

    /// Each value once, in the order in which it was first seen.
    private static func union(_ left: [JSONValue], _ right: [JSONValue]) -> [JSONValue] {
        var seen: Set<JSONValue> = []
        return (left + right).filter { seen.insert($0).inserted }
    }
}
