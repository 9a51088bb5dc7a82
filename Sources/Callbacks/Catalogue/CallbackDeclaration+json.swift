public import WireProtocol

extension CallbackDeclaration {
    /// What is declared, as operators and programs get it; who answers and how it goes stands beside it.
    public var json: JSONObject {
        var object: JSONObject = [
            "category": .string(self.category), "name": .string(self.name), "summary": .string(self.summary),
            "since": .string(self.since), "notes": .string(self.notes),
            "arguments": .array(self.arguments.map(\.json)), "result": .string(self.result.description),
            "rule": .string(self.rule.name), "default": self.defaultResult, "failure": self.failure.json,
            "deadline_ms": .integer(Int64(self.deadlineMilliseconds)), "required": .bool(self.isRequired),
            "idempotent": .bool(self.isIdempotent), "experimental": .bool(self.isExperimental),
            "at_most_one_module": .bool(self.isAtMostOneModule),
        ]
        object["deprecated_result"] = self.deprecatedResult.map { .string($0.description) }
        object["neutral"] = self.rule.hasNeutral ? self.neutral.json : nil
        object["normalise"] =
            self.normalisations.isEmpty ? nil : .array(self.normalisations.map { ["from": $0.from, "to": $0.to] })
        object["order_by"] = self.orderBy.isEmpty ? nil : .string(self.orderBy.joined(separator: "."))
        object["deprecated"] = self.deprecation.map { ["since": .string($0.since), "use": .string($0.use)] }
        if let parameters = self.rule.parameters { object[self.rule.name] = .object(parameters) }
        return object
    }
}

extension CallbackDeclaration.Argument {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["name": .string(self.name), "type": .string(self.type.description)]
        if self.isOptional { object["optional"] = true }
        if !self.since.isEmpty { object["since"] = .string(self.since) }
        return .object(object)
    }
}

extension NeutralValues {
    var json: JSONValue {
        switch self {
        case .values(let values): .array(values)
        case .falsy: "falsy"
        case .truthy: "truthy"
        }
    }
}

extension CombineRule {
    /// The rule's parameters as a catalogue file has them; nil for a rule without.
    var parameters: JSONObject? {
        switch self {
        case .firstAnswer, .notify, .exclusive: return nil
        case .merge(let merge):
            var parameters: JSONObject = ["into": .string(merge.into.rawValue)]
            parameters["absorbing"] = merge.absorbing
            return parameters
        case .amend(let amend):
            return ["argument": .string(amend.argument), "stop_at_replacement": .bool(amend.stopsAtReplacement)]
        case .keyed(let keyed): return ["argument": .string(keyed.argument)]
        case .scoped(let lease): return ["lease_ms": .integer(Int64(lease))]
        }
    }
}
