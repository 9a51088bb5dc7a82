import MessageBus
import WireProtocol

// MARK: What operators see

extension DispatcherCore {
    /// The body of the answer to an admin call; nil when there is no such target.
    func adminBody(_ target: Substring, at now: MonotonicTime) -> Payload? {
        switch target {
        case "table": self.tableBody
        case "modules": self.modulesJSON(at: now).encoded()
        case "routes": self.routesJSON.encoded()
        case "callbacks": self.callbacksJSON.encoded()
        case "status": self.statusJSON(at: now).encoded()
        case "shadow": self.shadowJSON(at: now).encoded()
        case "explain": self.decisionsJSON(at: now).encoded()
        case _ where target.hasPrefix("explain/"):
            self.decisionJSON(target.dropFirst("explain/".count), at: now)?.encoded()
        default: self.callbackBody(target)
        }
    }

    var epochJSON: JSONValue { .integer(Int64(clamping: self.epoch)) }

    private func modulesJSON(at now: MonotonicTime) -> JSONValue {
        let modules = self.places(ofServices: false).map { self.moduleJSON($0, at: now) }
        let services = self.places(ofServices: true).map { self.moduleJSON($0, at: now) }
        return ["epoch": self.epochJSON, "modules": .array(modules), "services": .array(services)]
    }

    private func places(ofServices isService: Bool) -> [Int] {
        self.modules.indices.filter { self.configuration.modules[$0].isService == isService }
    }

    func state(of module: Int) -> ModuleState {
        ModuleState.combined(self.modules[module].replicas.map { self.peers[$0].state }) ?? self.modules[module].absence
    }

    private func moduleJSON(_ module: Int, at now: MonotonicTime) -> JSONValue {
        let record = self.modules[module]
        let known = record.known ?? Manifest()
        let granted = self.table.grant(to: module, known, epoch: self.epoch, self.configuration)
        return [
            "id": .string(self.configuration.modules[module].id),
            "position": .integer(Int64(module + 1)),
            "state": .string(self.state(of: module).rawValue),
            "version": .string(record.version),
            "instances": .array(record.replicas.map { self.instanceJSON($0, at: now) }),
            "routes": .array(granted.routes.map(JSONValue.string)),
            "callbacks": .array(granted.callbacks.map(JSONValue.string)),
            "methods": .array(granted.methods.map(JSONValue.string)),
            "background_updates": .array(granted.backgroundUpdates.map(JSONValue.string)),
            "warnings": .array((granted.warnings + self.requirementWarnings(of: module, known)).map(\.json)),
            "reasons": .array((record.reasons + self.reasonsForNoCalls(of: module)).map(\.json)),
            "late_replies": .integer(Int64(record.lateReplies)),
            "disabled": self.disabledJSON(module, at: now),
            "waiting": .integer(Int64(record.line.count)),
            "circuits": self.circuitsJSON(of: module),
            "fail_opens": .integer(Int64(self.failOpens(of: module))),
            "counters": self.countersJSON(of: module),
        ]
    }

    private func instanceJSON(_ place: Int, at now: MonotonicTime) -> JSONValue {
        let peer = self.peers[place]
        return [
            "incarnation": .string(peer.incarnation),
            "version": .string(peer.version),
            "state": .string(peer.state.rawValue),
            "reasons": .array(self.reasonsForNoCalls(at: place).map(\.json)),
            "since_ms": .integer(Int64(now.millisecondsSince(peer.since))),
            "in_flight": .integer(Int64(peer.outgoing)),
            "calls": .integer(Int64(peer.calls)),
            "errors": .integer(Int64(peer.errors)),
            "timeouts": .integer(Int64(peer.timeouts)),
        ]
    }

    /// The counters that have counted something: those of callbacks by `category/name`, those of direct calls by kind.
    private func countersJSON(of module: Int) -> JSONValue {
        var object = JSONObject()
        let names = self.configuration.catalogue.callbacks.map(\.path) + DirectKind.allCases.map(\.name)
        for (column, name) in names.enumerated() {
            let counters = self.callCounters[self.counter(module, column)]
            guard counters != CallCounters() else { continue }
            object[name] = counters.json
        }
        return .object(object)
    }

    /// The circuits that are open, with the failure that each repeats, and those that have been.
    private func circuitsJSON(of module: Int) -> JSONValue {
        var object = JSONObject()
        for callback in self.plans.indices {
            guard let breaker = self.circuits[self.counter(module, callback)], breaker.openings > 0 else { continue }
            object[self.plans[callback].declaration.path] = [
                "open": .bool(breaker.openedBy != nil), "failure": .string(breaker.openedBy?.rawValue ?? ""),
                "openings": .integer(Int64(breaker.openings)),
            ]
        }
        return .object(object)
    }

    private func failOpens(of module: Int) -> Int {
        self.plans.indices.reduce(0) { $0 + self.callCounters[self.counter(module, $1)].failOpens.count }
    }

    private var routesJSON: JSONValue {
        let names = self.configuration.modules.map(\.id)
        let routes = self.table.routes.map { route -> JSONValue in
            [
                "path": .string(route.claim.path),
                "match": .string(route.claim.match.rawValue),
                "methods": .array(route.claim.methods.map(JSONValue.string)),
                "module": .string(names[route.module]),
                "up": .bool(route.isUp),
                "losers": .array(route.losers.map { .string(names[$0]) }),
            ]
        }
        return ["epoch": self.epochJSON, "routes": .array(routes)]
    }

    /// How often anything went on after a failure as if nobody had an opinion.
    private var failOpens: Int {
        let ofModules = self.modules.indices.reduce(0) { $0 + self.failOpens(of: $1) }
        // Of chains whose members were down each member has counted itself.
        return ofModules + self.plans.indices.reduce(0) { $0 + self.outcomes[$1].failOpens }
    }

    private func statusJSON(at now: MonotonicTime) -> JSONValue {
        let peers = self.peers.places.map { self.peers[$0].role }
        let modules = self.places(ofServices: false)
        return [
            "dispatcher": .string(self.configuration.incarnation),
            "epoch": self.epochJSON,
            "uptime_ms": .integer(Int64(now.millisecondsSince(self.started))),
            "hosts": .integer(Int64(peers.count { $0 == .host })),
            "strangers": .integer(Int64(peers.count { $0 == .stranger })),
            "modules": .integer(Int64(modules.count)),
            "modules_up": .integer(Int64(modules.count { self.table.isUp[$0] })),
            "waiting_for": .array(
                modules.filter { !self.table.isUp[$0] && !self.table.isDisabled[$0] }
                    .map { .string(self.configuration.modules[$0].id) }
            ),
            "disabled": .array(
                modules.filter { self.table.isDisabled[$0] }.map { .string(self.configuration.modules[$0].id) }
            ),
            "fail_opens": .integer(Int64(self.failOpens)),
            "in_flight": .integer(Int64(self.chains.count)),
            "calls": .integer(Int64(clamping: self.chainNumber)),
            "web": self.outcomes[self.column(.web)].json,
            "scopes": [
                "open": .integer(Int64(self.scopes.count)), "lost": .integer(Int64(self.lostScopes)),
            ],
            "methods": self.outcomes[self.column(.method)].json,
            "background_updates": self.outcomes[self.column(.backgroundUpdate)].json,
            "bus": self.busCounters.json,
        ]
    }
}
