import MessageBus
import WireProtocol

// MARK: Modules that are asked beside a chain

/// A module in shadow gets what the chain's members get and changes nothing: it is not waited for, and what it says is compared and dropped.
extension DispatcherCore {
    /// Asks the modules in shadow what they would have said.
    mutating func askShadows(_ chain: Int, _ callback: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        // Once for all of them, and only if one has a filter.
        var arguments: JSONValue?
        for member in self.table.shadows[callback] {
            if let filter = member.filter {
                if arguments == nil { arguments = try? JSONValue(parsing: self.chains[chain].body) }
                if let arguments, !filter.matches(arguments) { continue }
            }
            self.askShadow(chain, callback, member.module, at: now, into: &actions)
        }
    }

    private mutating func askShadow(
        _ chain: Int,
        _ callback: Int,
        _ module: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let own = now.adding(milliseconds: self.plans[callback].deadlineMilliseconds)
        let deadline = min(own, self.chains[chain].deadline)
        // It never waits for room, and its failures open no circuit: nobody depends on it.
        guard deadline > now, case .peer(let peer) = self.replica(of: module, for: callback, chain, at: now) else {
            return self.shadowReport.noteUnasked(module, callback)
        }
        var step = Step(chain: -1, peer: peer, module: module, column: callback, started: now, deadline: deadline)
        let call = ShadowCall(module: module, callback: callback, chain: self.chains[chain].number)
        step.identity = self.peers[peer].identity
        step.shadow = self.shadowCalls.insert(call)
        guard let id = self.steps.insert(step, deadline: deadline, now: now) else {
            self.shadowCalls.remove(at: step.shadow)
            return self.shadowReport.noteUnasked(module, callback)
        }
        self.enterReplica(step)
        self.chains[chain].shadows.append(step.shadow)
        let header = Header(
            kind: .call,
            budgetMilliseconds: max(1, deadline.millisecondsSince(now)),
            callID: id,
            epoch: self.chains[chain].epoch,
            target: self.chains[chain].target
        )
        let (metadata, body) = (self.chains[chain].metadata, self.chains[chain].body)
        self.send(header, metadata: metadata, body: body, to: peer, at: now, into: &actions)
    }

    /// Tells the calls beside a chain what it came to.
    mutating func settleShadows(_ chain: Int, _ opinion: ShadowOpinion, at now: MonotonicTime) {
        for place in self.chains[chain].shadows {
            self.shadowCalls[place].chains = opinion
            self.compareShadow(place, at: now)
        }
    }

    /// Takes what a module in shadow said.
    mutating func shadowAnswered(_ step: Step, _ envelope: Envelope, at now: MonotonicTime) {
        let counter = self.counter(step.module, step.column)
        switch envelope.header.flags.status {
        case .error: self.shadowFailed(step, .error, at: now)
        case .overloaded: self.shadowFailed(step, .overloaded, at: now)
        case .continue:
            self.callCounters[counter].continues += 1
            self.settleShadow(step, .none, at: now)
        case .answer:
            let verdict = self.plans[step.column].judge.judge(envelope.body)
            guard envelope.body.count <= self.configuration.bodySizeMax, verdict != .invalid,
                self.fits(verdict, envelope.body, step.column)
            else {
                return self.shadowFailed(step, .invalidResult, at: now)
            }
            self.callCounters[counter].answers += 1
            self.settleShadow(step, self.opinion(verdict.result(of: envelope.body), step.column), at: now)
        }
    }

    mutating func shadowFailed(_ step: Step, _ kind: FailureKind, at now: MonotonicTime) {
        self.callCounters[self.counter(step.module, step.column)].note(kind)
        self.settleShadow(step, .failed(StepVerdict(kind).name), at: now)
    }

    /// What an answer would have made of a chain in which nobody else had an opinion.
    private func opinion(_ result: Payload?, _ callback: Int) -> ShadowOpinion {
        guard let body = result, !self.plans[callback].isNotify else { return .none }
        guard case .amend = self.plans[callback].declaration.rule else { return .result(body) }
        switch (try? JSONValue(parsing: body)).flatMap(Amendment.init) {
        case .veto: return .result("[false,null]")
        case .replaced(let value): return .result(JSONValue.array([.bool(true), value]).encoded())
        case .unchanged, nil: return .none
        }
    }

    private mutating func settleShadow(_ step: Step, _ opinion: ShadowOpinion, at now: MonotonicTime) {
        self.shadowCalls[step.shadow].own = opinion
        self.compareShadow(step.shadow, at: now)
    }

    private mutating func compareShadow(_ place: Int, at now: MonotonicTime) {
        let call = self.shadowCalls[place]
        guard let own = call.own, let chains = call.chains else { return }
        self.shadowCalls.remove(at: place)
        self.shadowReport.compare(call, own: own, chains: chains, at: now)
    }
}

// MARK: What operators see

extension DispatcherCore {
    /// How modules in shadow compare with the chains, and the newest calls on which they did not agree.
    func shadowJSON(at now: MonotonicTime) -> JSONValue {
        let tallies = self.shadowReport.tallies.sorted { $0.key < $1.key }.map { key, tally in
            JSONValue.object(self.named(key, tally.json))
        }
        let differences = self.shadowReport.differences.reversed().map { difference in
            JSONValue.object(
                self.named(
                    difference.key,
                    [
                        "request_id": .string(
                            ScopeMetadata.id(difference.chain, dispatcher: self.configuration.incarnation)
                        ),
                        "chain": .string(difference.chains), "shadow": .string(difference.own),
                        "age_ms": .integer(Int64(now.millisecondsSince(difference.time))),
                    ]
                )
            )
        }
        return ["shadows": .array(tallies), "differences": .array(differences)]
    }

    private func named(_ key: ShadowReport.Key, _ rest: JSONObject) -> JSONObject {
        var members: JSONObject = [
            "module": .string(self.configuration.modules[key.module].id),
            "callback": .string(self.plans[key.callback].declaration.path),
        ]
        for (name, value) in rest { members[name] = value }
        return members
    }
}
