import WireProtocol

// MARK: What operators see of callbacks

extension DispatcherCore {
    /// The body of the answer to `admin/callbacks/<category>/<name>`; nil when there is no such callback.
    func callbackBody(_ target: Substring) -> Payload? {
        let prefix = "callbacks/"
        guard target.hasPrefix(prefix) else { return nil }
        let index = self.configuration.catalogue.index(of: String(target.dropFirst(prefix.count)))
        guard let index else { return nil }
        var object = self.callbackJSON(index)
        object["epoch"] = self.epochJSON
        return JSONValue.object(object).encoded()
    }

    var callbacksJSON: JSONValue {
        let callbacks = self.configuration.catalogue.callbacks.indices.map { JSONValue.object(self.callbackJSON($0)) }
        let categories = self.configuration.catalogue.categories.map { category -> JSONValue in
            [
                "name": .string(category.name), "summary": .string(category.summary), "since": .string(category.since),
            ]
        }
        return ["epoch": self.epochJSON, "categories": .array(categories), "callbacks": .array(callbacks)]
    }

    /// What is declared, with the operator's policy in place of the catalogue's, and who answers and how it went.
    private func callbackJSON(_ index: Int) -> JSONObject {
        let callback = self.configuration.catalogue.callbacks[index]
        var object = callback.json
        object["failure"] = self.plans[index].failure.json
        object["required_modules"] = .array(callback.requiredModules.map(JSONValue.string))
        object["waiting_for"] = self.gates[index] < 0 ? .null : self.name(of: self.gates[index])
        object["open_scopes"] = .integer(Int64(self.scopes.count(ofCallback: index)))
        object["chain"] = .array(self.table.chains[index].map { self.memberJSON($0, index) })
        if let keys = self.table.keys[index] { object["keys"] = self.keysJSON(keys) }
        object["outcomes"] = self.outcomes[index].json
        return object
    }

    private func memberJSON(_ module: Int, _ callback: Int) -> JSONValue {
        var object: JSONObject = [
            "module": self.name(of: module), "up": .bool(self.table.isUp[module]),
            "counters": self.callCounters[self.counter(module, callback)].json,
        ]
        let policy = self.failures[module, callback]
        if policy != self.plans[callback].failure { object["failure"] = policy.json }
        return .object(object)
    }

    private func keysJSON(_ keys: [String: RoutingTable.KeyEntry]) -> JSONValue {
        .array(
            keys.sorted { $0.key < $1.key }.map { key, entry in
                [
                    "key": .string(key), "fields": .array(entry.fields.map(JSONValue.string)),
                    "modules": .array(entry.modules.map(self.name)),
                ]
            }
        )
    }

    private func name(of module: Int) -> JSONValue {
        .string(self.configuration.modules[module].id)
    }
}
