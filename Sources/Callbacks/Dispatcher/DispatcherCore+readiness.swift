import Logging
import MessageBus
import WireProtocol

// MARK: Who takes calls

/// A replica takes calls when it has said so, does not disable itself, and has what it requires.
extension DispatcherCore {
    mutating func ready(_ body: Payload, from place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard self.peers[place].role != .host else { return self.readyHost(place, at: now, into: &actions) }
        let state = self.peers[place].state
        guard state == .registered || state.isReadyItself else {
            // Said too early it is not for us; a refused one may not have heard of it.
            guard state != .refused else { return }
            return self.malformed(place, at: now, into: &actions)
        }
        let readiness: Readiness
        do {
            readiness = try Readiness(ofReady: body)
        } catch {
            return self.malformed(place, at: now, into: &actions)
        }
        if state == .registered, let module = self.peers[place].module {
            self.closeCircuits(of: module, for: place, at: now, into: &actions)
        }
        // Said twice it changes nothing.
        guard state == .registered || readiness.disabledBecause != self.peers[place].disabledBecause else { return }
        self.peers[place].disabledBecause = readiness.disabledBecause
        self.peers[place].state = self.standing(of: place)
        self.peers[place].since = now
        if let reason = readiness.disabledBecause {
            self.log(.warning, "module disables itself", place, ["reason": "\(reason)"], into: &actions)
        } else {
            self.log(.info, state == .disabledItself ? "module enables itself" : "peer ready", place, into: &actions)
        }
        guard let module = self.peers[place].module else { return }
        let wasResting = self.modules[module].hasDisabledItself
        self.refreshStanding(of: module)
        let hasChanged = self.modules[module].hasDisabledItself != wasResting
        if hasChanged { self.withdrawRivals(at: now, into: &actions) }
        self.refreshTable(at: now, into: &actions)
        if hasChanged { self.reconsiderRivals(at: now, into: &actions) }
    }

    private mutating func readyHost(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard self.peers[place].state == .starting else {
            guard self.peers[place].state != .ready, self.peers[place].state != .refused else { return }
            return self.malformed(place, at: now, into: &actions)
        }
        self.peers[place].state = .ready
        self.peers[place].since = now
        self.log(.info, "peer ready", place, into: &actions)
        self.sendTable(to: place, at: now, into: &actions)
    }

    /// The state of a replica that has said that it is ready, before anybody looks at what it requires.
    func standing(of place: Int) -> ModuleState {
        self.peers[place].disabledBecause == nil ? .ready : .disabledItself
    }

    /// Takes the replicas of a module back that have disabled themselves: an operator's word goes before theirs, until they speak again.
    mutating func enableReplicas(of module: Int, at now: MonotonicTime) {
        self.modules[module].hasDisabledItself = false
        for place in self.modules[module].replicas where self.peers[place].disabledBecause != nil {
            self.peers[place].disabledBecause = nil
            guard self.peers[place].state == .disabledItself else { continue }
            self.peers[place].state = .ready
            self.peers[place].since = now
        }
    }
}

// MARK: What modules require

extension DispatcherCore {
    /// Finds out which replicas have what they require, and which have to wait.
    ///
    /// As with the table, who came first decides nothing: all are taken to have it until one turns out not to, so that modules that require one another are
    /// asked as soon as all of them are there.
    mutating func settleRequirements(at now: MonotonicTime, into actions: inout [RouterAction]) {
        var replicas: [(place: Int, before: ModuleState)] = []
        for module in self.modules.indices where !(self.modules[module].known?.requires.isEmpty ?? true) {
            for place in self.modules[module].replicas {
                let state = self.peers[place].state
                guard state == .ready || state == .waiting else { continue }
                replicas.append((place, state))
                self.peers[place].state = .ready
            }
        }
        var hasChanged = !replicas.isEmpty
        while hasChanged {
            hasChanged = false
            for (place, _) in replicas where self.peers[place].state == .ready && self.isAnythingMissing(at: place) {
                self.peers[place].state = .waiting
                hasChanged = true
            }
        }
        for (place, before) in replicas where self.peers[place].state != before {
            self.peers[place].since = now
            guard self.peers[place].state == .waiting else {
                self.log(.info, "module has what it requires", place, into: &actions)
                continue
            }
            let reasons = self.reasonsForNoCalls(at: place).map { Logger.MetadataValue.string($0.message) }
            self.log(.warning, "module waits for what it requires", place, ["reasons": .array(reasons)], into: &actions)
        }
    }

    private func isAnythingMissing(at place: Int) -> Bool {
        self.peers[place].manifest.requires.contains { !self.isMet($0) }
    }

    private func isMet(_ claim: RequirementClaim) -> Bool {
        guard let module = self.moduleIndices[claim.module], self.switches[module] == nil else { return false }
        return self.modules[module].replicas.contains { place in
            guard self.peers[place].isUp else { return false }
            return claim.method.map { name in self.peers[place].manifest.methods.contains { $0.name == name } } ?? true
        }
    }

    /// Why a replica that is ready gets no calls.
    func reasonsForNoCalls(at place: Int) -> [Remark] {
        if let reason = self.peers[place].disabledBecause {
            return [Remark(code: "disabled_itself", message: reason)]
        }
        guard self.peers[place].state == .waiting else { return [] }
        return self.peers[place].manifest.requires.enumerated().compactMap { index, claim in
            guard !self.isMet(claim) else { return nil }
            return Remark(code: "waiting", item: "requires[\(index)]", message: self.lack(of: claim))
        }
    }

    /// Why a module of which no replica gets calls, though some are ready, does not.
    func reasonsForNoCalls(of module: Int) -> [Remark] {
        guard [.waiting, .disabledItself].contains(self.state(of: module)) else { return [] }
        var reasons: [Remark] = []
        for reason in self.modules[module].replicas.flatMap(self.reasonsForNoCalls(at:)) where !reasons.contains(reason)
        {
            reasons.append(reason)
        }
        return reasons
    }

    private func lack(of claim: RequirementClaim) -> String {
        guard let module = self.moduleIndices[claim.module] else { return self.unknownModule(claim) }
        let what = claim.method.map { "the method `\($0)` of '\(claim.module)'" } ?? "'\(claim.module)'"
        guard self.switches[module] == nil else { return "requires \(what), which an operator has disabled" }
        let state = self.state(of: module)
        guard state == .ready else { return "requires \(what), which is \(state.rawValue)" }
        return "requires \(what), which has not registered it\(self.hint(claim, module))"
    }

    private func unknownModule(_ claim: RequirementClaim) -> String {
        let nearest = Spelling.nearest(to: claim.module, among: self.configuration.modules.map(\.id)).first
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
        return "requires '\(claim.module)', which is not among the `modules` of the operator's configuration\(hint)"
    }

    private func hint(_ claim: RequirementClaim, _ module: Int) -> String {
        let names = self.modules[module].known?.methods.map(\.name) ?? []
        return Spelling.nearest(to: claim.method ?? "", among: names).first.map { "; did you mean `\($0)`?" } ?? ""
    }

    /// What is wrong with what a module requires: names that nothing has, and circles.
    func requirementWarnings(of module: Int, _ manifest: Manifest) -> [Remark] {
        guard !manifest.requires.isEmpty else { return [] }
        var warnings = manifest.requires.enumerated().compactMap { index, claim in
            self.flaw(of: claim).map { Remark(code: "unknown_requirement", item: "requires[\(index)]", message: $0) }
        }
        let cycle = RequirementCycle(through: module) { place in
            let requires = place == module ? manifest.requires : self.modules[place].known?.requires ?? []
            return requires.compactMap { self.moduleIndices[$0.module] }
        }
        if let cycle {
            let names = cycle.modules.map { self.configuration.modules[$0].id }.joined(separator: " → ")
            let message =
                "\(names) require one another: all are asked when all are there, and none of them may call another before it is ready"
            warnings.append(Remark(code: "requirement_cycle", item: "requires", message: message))
        }
        return warnings
    }

    private func flaw(of claim: RequirementClaim) -> String? {
        guard let module = self.moduleIndices[claim.module] else { return self.unknownModule(claim) }
        guard let method = claim.method, let known = self.modules[module].known,
            !known.methods.contains(where: { $0.name == method })
        else { return nil }
        return "requires the method `\(method)` of '\(claim.module)', which has not registered it"
            + self.hint(claim, module)
    }
}
