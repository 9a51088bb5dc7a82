import Callbacks
import WireProtocol

/// What a chain comes to, written once more from `docs/callbacks.md` and nothing else: slow, plain, and without a look at the dispatcher's code.
struct Reference {
    /// What became of asking one module.
    enum Hearing: Equatable {
        case noOpinion
        case answer(JSONValue)
        case failure(FailureKind)
    }

    /// What the host is to get.
    enum Verdict: Equatable {
        case answer(JSONValue, by: Int?)
        /// Nobody had an opinion: the default result.
        case nothing(JSONValue)
        case failure(FailureKind)
    }

    let callback: VirtualCallback
    /// Its place in the catalogue.
    let index: Int
    let policies: VirtualPolicies

    /// The verdict of a chain.
    ///
    /// - Parameters:
    ///   - hearings: What became of the first members, in the configured order.
    ///   - memberCount: How many members there are.
    /// - Returns: The verdict, and how many members had to be asked for it; nil when the chain may not end there.
    func verdict(_ hearings: [(module: Int, hearing: Hearing)], of memberCount: Int) -> (Verdict, asked: Int)? {
        guard memberCount > 0 else { return (self.nobody(.noneRegistered), 0) }
        if self.callback.rule == .notify { return self.told(hearings, of: memberCount) }
        var opinions: [(module: Int, value: JSONValue)] = []
        for (index, (module, hearing)) in hearings.enumerated() {
            switch hearing {
            case .noOpinion: continue
            case .failure(let kind):
                switch self.policies.action(kind, self.index, of: module) {
                case .goOn: continue
                case .stop(let value): return (.answer(value, by: module), index + 1)
                case .fail: return (.failure(kind), index + 1)
                }
            case .answer(let value):
                opinions.append((module, value))
                if let verdict = self.ending(opinions) { return (verdict, index + 1) }
            }
        }
        guard hearings.count == memberCount else { return nil }
        return (self.summary(opinions), hearings.count)
    }

    /// What becomes of a chain that has nobody, or nobody without whom it may be decided.
    func nobody(_ kind: FailureKind) -> Verdict {
        switch self.policies.action(kind, self.index, of: nil) {
        case .goOn: .nothing(self.callback.standard)
        case .stop(let value): .answer(value, by: nil)
        case .fail: .failure(kind)
        }
    }

    /// Everyone is told whatever the others say; the first failure that is to fail it does.
    private func told(_ hearings: [(module: Int, hearing: Hearing)], of memberCount: Int) -> (Verdict, asked: Int)? {
        guard hearings.count == memberCount else { return nil }
        for (module, hearing) in hearings {
            if case .failure(let kind) = hearing, self.policies.action(kind, self.index, of: module) == .fail {
                return (.failure(kind), memberCount)
            }
        }
        return (.nothing(self.callback.standard), memberCount)
    }

    /// The verdict if the newest opinion ends the chain.
    private func ending(_ opinions: [(module: Int, value: JSONValue)]) -> Verdict? {
        guard let (module, value) = opinions.last else { return nil }
        switch self.callback.rule {
        case .notify: return nil
        case .firstAnswer, .exclusive, .scoped, .keyed: return .answer(value, by: module)
        case .mergeSet(let absorbing): return value == absorbing ? .answer(value, by: nil) : nil
        case .mergeSetsByKey, .mergeObject: return nil
        case .amend(let stops):
            if Self.isVeto(value) { return .answer([false, nil], by: module) }
            guard stops, let replacement = Self.replacement(value) else { return nil }
            return .answer([true, replacement], by: module)
        }
    }

    /// What the opinions come to when all have been asked.
    private func summary(_ opinions: [(module: Int, value: JSONValue)]) -> Verdict {
        guard !opinions.isEmpty else { return .nothing(self.callback.standard) }
        switch self.callback.rule {
        case .mergeSet: return .answer(.array(Self.union(opinions.map(\.value))), by: nil)
        case .mergeSetsByKey, .mergeObject: return .answer(self.unitedObject(opinions.map(\.value)), by: nil)
        case .amend:
            for (module, value) in opinions.reversed() {
                if let replacement = Self.replacement(value) { return .answer([true, replacement], by: module) }
            }
            return .nothing(self.callback.standard)
        case .notify, .firstAnswer, .exclusive, .scoped, .keyed: return .nothing(self.callback.standard)
        }
    }

    static func isVeto(_ value: JSONValue) -> Bool { value == false || value.array?.first == false }

    static func replacement(_ value: JSONValue) -> JSONValue? {
        if value.object != nil { return value }
        guard let parts = value.array, parts.count == 2, parts[0] == true, parts[1] != .null else { return nil }
        return parts[1]
    }

    private static func union(_ lists: [JSONValue]) -> [JSONValue] {
        var union: [JSONValue] = []
        for element in lists.flatMap({ $0.array ?? [] }) where !union.contains(element) { union.append(element) }
        return union
    }

    private func unitedObject(_ objects: [JSONValue]) -> JSONValue {
        var united = JSONObject()
        for object in objects {
            for (key, value) in object.object ?? [:] {
                guard self.callback.rule == .mergeSetsByKey, let known = united[key] else {
                    united[key] = self.callback.rule == .mergeSetsByKey ? .array(Self.union([value])) : value
                    continue
                }
                united[key] = .array(Self.union([known, value]))
            }
        }
        return .object(united)
    }
}

extension Reference {
    /// What an answer is by the words of the catalogue.
    func hearing(_ status: ReplyStatus, _ body: Payload) -> Hearing {
        switch status {
        case .continue: return .noOpinion
        case .error: return .failure(.error)
        case .overloaded: return .failure(.overloaded)
        case .answer: break
        }
        // What is said to news is no result, whatever it is.
        guard self.callback.rule != .notify else { return .noOpinion }
        guard let value = try? JSONValue(parsing: body), self.isOfType(value) else { return .failure(.invalidResult) }
        if case .firstAnswer(let neutral) = self.callback.rule, neutral.contains(value) { return .noOpinion }
        if self.callback.rule == .keyed, value == .null { return .noOpinion }
        return .answer(value)
    }

    private func isOfType(_ value: JSONValue) -> Bool {
        switch self.callback.rule {
        case .notify: return true
        case .amend:
            if value == .null || value.bool != nil || value.object != nil { return true }
            return value.array.map { $0.count == 2 && $0[0].bool != nil } ?? false
        case .mergeSet(let absorbing): return value.array != nil || value == absorbing
        case .mergeSetsByKey: return value.object.map { $0.allSatisfy { $0.1.array != nil } } ?? false
        case .mergeObject: return value.object != nil
        default: break
        }
        switch self.callback.type {
        case "number": return value.number != nil
        case "number|null": return value.number != nil || value == .null
        case "string": return value.string != nil
        default: return self.callback.results.contains(value)
        }
    }
}
