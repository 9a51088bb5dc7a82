import Callbacks
import MessageBus
import WireProtocol

// MARK: What hosts ask

extension Ledger {
    mutating func admit(_ envelope: Envelope, from peer: PeerID) {
        guard let token = CallToken.read(envelope.body) else { return }
        let header = envelope.header
        var call = LedgerCall(
            token: token,
            subject: .excess,
            peer: peer,
            callID: header.callID,
            admitted: self.now,
            budgetMilliseconds: header.budgetMilliseconds,
            epoch: self.before.epoch,
            arguments: VirtualArguments(token)
        )
        self.callCount += 1
        call.number = self.callCount
        if self.keys.keys.count(where: { $0.peer == peer }) < self.inFlightMax {
            call.subject = self.subject(of: envelope, from: peer)
        }
        switch call.subject {
        case .callback(let index): self.admit(&call, index)
        case .method(let module): call.isBypassed = self.disabled.contains(module)
        default: break
        }
        self.calls[token] = call
        self.keys[CallKey(peer: peer, callID: header.callID)] = token
    }

    private mutating func admit(_ call: inout LedgerCall, _ index: Int) {
        guard !self.isGated(index) else {
            call.isGated = true
            return
        }
        self.noteBudget(index)
        var members = self.members(index)
        if self.callbacks[index].isKeyed { members = members.filter { self.hasKey($0, index, call.arguments) } }
        call.isBypassed = members.isEmpty && self.isBypassed(index, call.arguments)
        call.members = self.callbacks[index].isForOne ? Array(members.prefix(1)) : members
        call.wasAsked = call.members.map { _ in false }
        call.hearings = call.members.map { _ in nil }
        call.waits = call.members.map { _ in nil }
        call.retries = call.members.map { _ in 0 }
        call.filters = call.members.map { self.known[$0]?.filters[index] }
        self.noteAbsence(&call)
        call.isPure = call.members.map {
            self.mayAskTogether(index) && self.known[$0]?.pure.contains(index) == true
        }
    }

    /// When nobody whom a call concerns is up, none of them is looked at any further.
    private func noteAbsence(_ call: inout LedgerCall) {
        let concerned = call.members.indices.filter { !call.isFiltered($0) }
        let up = Set(self.before.entries.filter { $0.state == .ready }.compactMap(\.module))
        guard !concerned.contains(where: { up.contains(call.members[$0]) }) else { return }
        for position in concerned { call.hearings[position] = .failure(.noneUp) }
    }

    private mutating func subject(of envelope: Envelope, from peer: PeerID) -> LedgerCall.Subject {
        let target = envelope.header.target
        guard let index = VirtualCallback.places[target] else {
            return self.subject(of: target, envelope.body)
        }
        if self.callbacks[index].isKeyed, VirtualArguments(CallToken.read(envelope.body) ?? 0).who?.string == nil {
            return .unusable
        }
        guard self.callbacks[index].isScoped else { return .callback(index) }
        guard let words = ScopeWords(envelope.metadata) else { return .excess }
        guard words.isExit else {
            let open = self.scopes.values.count { $0.caller == peer && $0.state == .open }
            return open < self.inFlightMax ? .callback(index) : .excess
        }
        if let id = words.id, let scope = self.scopes[id], scope.caller == peer, scope.state == .open {
            self.scopes[id]?.state = .due("its caller leaves")
        }
        return .exit
    }

    /// What is called that is no callback.
    private func subject(of target: String, _ body: Payload) -> LedgerCall.Subject {
        if let module = self.modules.firstIndex(where: { target == "method/\($0)/echo" }) { return .method(module) }
        guard target.hasPrefix("admin/modules/"), let name = (try? JSONValue(parsing: body))?["module"]?.string,
            let module = self.modules.firstIndex(of: name)
        else { return .excess }
        return .turning(module, on: target == "admin/modules/enable")
    }
}

// MARK: What modules are asked

extension Ledger {
    mutating func sent(_ envelope: Envelope, to peer: PeerID) {
        let id = envelope.header.callID
        guard self.steps[id] == nil else { return self.report(.atMostOnce, "step \(id) was sent twice") }
        guard let module = self.registrations[peer]?.module else {
            return self.report(.registration, "step \(id) goes to a connection that is no module's")
        }
        let words = ScopeWords(envelope.metadata)
        guard words?.isExit != true else { return self.sentExit(envelope, words?.id, module, to: peer) }
        guard let token = CallToken.read(envelope.body), var call = self.calls[token] else {
            return self.report(.order, "step \(id) is for a call that nobody waits for")
        }
        self.checkReplica(peer, of: call)
        if envelope.header.epoch != call.epoch {
            self.report(
                .epoch,
                "call #\(token) was admitted under \(call.epoch) and step \(id) says \(envelope.header.epoch)"
            )
        }
        var step = LedgerStep(
            token: token,
            callback: -1,
            module: module,
            peer: peer,
            sent: self.now,
            budgetMilliseconds: envelope.header.budgetMilliseconds
        )
        if case .callback(let index) = call.subject, self.terms.shadows.contains(module) {
            step.callback = index
            self.checkBudget(envelope.header, of: call, module, isShadow: true)
            self.sentToShadow(envelope, step, &call, index)
            self.calls[token] = call
            return
        }
        self.checkBudget(envelope.header, of: call, module)
        switch call.subject {
        case .callback(let index):
            step.callback = index
            guard let position = self.position(of: module, &call, index, at: peer, envelope.header) else { return }
            step.position = position
            step.lane = self.lane(index, call)
            call.wasAsked[position] = true
            call.waits[position] = nil
            call.hearings[position] = nil
            self.asked.append(token)
            if envelope.body != call.arguments.body, !self.callbacks[index].isAmend {
                self.report(.order, "call #\(token): \(self.modules[module]) is asked something else")
            }
            if let scope = words?.id {
                step.scope = scope
                self.scopes[scope] = LedgerScope(peer: peer, caller: call.peer, callback: index)
            }
        case .method(let owner):
            if owner != module {
                self.report(.order, "a method of \(self.modules[owner]) went to \(self.modules[module])")
            }
            if call.isBypassed {
                self.report(.order, "method call #\(token) reached a module that is taken out")
            }
            self.checkOvertaking(call, module, self.callbacks.count)
            call.directWait = nil
            if call.direct != nil || self.steps.values.contains(where: { $0.token == token }) {
                self.report(.atMostOnce, "method call #\(token) was made twice")
            }
        case .exit, .excess, .turning, .unusable:
            self.report(.order, "call #\(token) is to reach no module")
        }
        self.calls[token] = call
        self.steps[id] = step
    }

    /// Where a module stands among those to ask; whoever was passed over before it must have been so with reason.
    private mutating func position(
        of module: Int,
        _ call: inout LedgerCall,
        _ index: Int,
        at peer: PeerID,
        _ header: Header
    ) -> Int? {
        let name = self.modules[module]
        guard !call.isGated else {
            self.report(.required, "call #\(call.token) is not to be decided, and \(name) is asked")
            return nil
        }
        guard let position = call.members.firstIndex(of: module) else {
            self.report(.order, "call #\(call.token): \(name) is not among those to ask")
            return nil
        }
        guard !call.isFiltered(position) else {
            self.report(.filter, "call #\(call.token) does not concern \(name)")
            return nil
        }
        guard !call.wasAsked[position] else {
            self.checkRetry(call, position, at: peer, index, milliseconds: header.budgetMilliseconds)
            call.retries[position] += 1
            return position
        }
        self.checkCircuit(call, position, index)
        self.checkOvertaking(call, module, index)
        if let lane = self.lane(index, call) { self.checkTurn(call, module, index, lane) }
        guard self.callbacks[index].rule != .notify else { return position }
        let together = call.together(with: position)
        guard !(0..<together.lowerBound).contains(where: { call.wasAsked[$0] && call.hearings[$0] == nil }) else {
            self.report(.order, "call #\(call.token): \(name) is asked before the one before it has answered")
            return nil
        }
        guard !call.wasAsked[together.upperBound...].contains(true) else {
            self.report(.order, "call #\(call.token): \(name) is asked after one that stands behind it")
            return nil
        }
        // Those who are asked at once with it may be so after it: they are looked at when all has been sent.
        for earlier in 0..<together.lowerBound where !call.wasAsked[earlier] { self.passOver(earlier, &call, index) }
        let before = Array(call.heard.prefix(together.lowerBound))
        if self.reference(index).verdict(before, of: call.members.count) != nil {
            let isVeto = before.contains { Self.isVeto($0.hearing) }
            self.report(isVeto ? .veto : .order, "call #\(call.token): \(name) is asked though all is decided")
        }
        return position
    }

    /// A module whose circuit is open is asked for a trial only; who has waited since then is not that.
    private mutating func checkCircuit(_ call: LedgerCall, _ position: Int, _ index: Int) {
        let module = call.members[position]
        let row = self.row(module, index)
        let kind: FailureKind? =
            if let wait = call.waits[position], wait.isInLine {
                self.circuits[row].refusal(since: wait.since)
            } else {
                self.circuits[row].refusal(at: self.now)
            }
        guard let kind else { return }
        // It may have begun to wait for room, and got it, in the turn in which the circuit opened, or the trial before it failed.
        if call.waits[position] == nil, self.isManyThings {
            guard self.circuits[row].turn < self.now else { return }
            if var earlier = self.circuitsBefore[row], earlier.refusal(at: self.now) == nil {
                self.circuits[row] = earlier
                return
            }
        }
        self.report(.circuit, "call #\(call.token): \(self.modules[module]) is asked, and its circuit repeats \(kind)")
    }

    /// Whether those of a chain whose answers depend on the arguments only are asked at once.
    private func mayAskTogether(_ index: Int) -> Bool {
        switch self.callbacks[index].rule {
        case .firstAnswer, .mergeSet, .mergeSetsByKey, .mergeObject: true
        default: false
        }
    }

    static func isVeto(_ hearing: Reference.Hearing) -> Bool {
        guard case .answer(let value) = hearing else { return false }
        return Reference.isVeto(value)
    }

    private mutating func checkReplica(_ peer: PeerID, of call: LedgerCall) {
        guard self.before.isReady(peer) || self.after.isReady(peer) else {
            return self.report(.registration, "call #\(call.token) went to a connection that is not ready")
        }
        guard case .callback(let index) = call.subject else { return }
        guard self.hasRoom(peer, index) else {
            return self.report(.books, "call #\(call.token) went to a replica that is full, or does not serve it")
        }
    }

    private mutating func checkBudget(_ header: Header, of call: LedgerCall, _ module: Int, isShadow: Bool = false) {
        let left = call.deadline > self.now ? call.deadline.millisecondsSince(self.now) : 0
        var most = max(1, left)
        if case .callback(let index) = call.subject {
            most = min(most, self.callbacks[index].deadlineMilliseconds)
            let after =
                call.members.firstIndex(of: module).map { call.members.count - call.together(with: $0).upperBound } ?? 0
            if after > 0, self.callbacks[index].rule != .notify, !isShadow {
                let reserve = UInt32(after) * min(left / UInt32(after + 1), 100)
                most = min(most, max(1, left - reserve + UInt32(after)))
            }
        }
        guard (1...most).contains(header.budgetMilliseconds) else {
            return self.report(
                .budget,
                "call #\(call.token) has \(left) ms left and \(self.modules[module]) got \(header.budgetMilliseconds), at most \(most) are right"
            )
        }
    }

    /// Everybody who was not asked with those who are asked at once must have had no room, or been away.
    mutating func checkUntold() {
        var tokens = self.asked
        if let (envelope, peer) = self.input.message(.call),
            let token = self.keys[CallKey(peer: peer, callID: envelope.header.callID)]
        {
            tokens.append(token)
            if let call = self.calls[token], case .callback(let index) = call.subject { self.checkShadows(call, index) }
        }
        for (token, call) in self.closed where self.input.message(.call)?.envelope.header.callID == call.callID {
            if case .callback(let index) = call.subject, token == call.token { self.checkShadows(call, index) }
        }
        for token in tokens + self.newWaiters {
            guard var call = self.calls[token], case .callback(let index) = call.subject else { continue }
            self.passOverThoseBeforeWaiters(&call, index)
            self.passOverRest(&call, index)
            self.calls[token] = call
        }
    }

    /// Passes over those who should have been asked together with one who was, or with the arrival of the call.
    mutating func passOverRest(_ call: inout LedgerCall, _ index: Int) {
        let isNews = self.callbacks[index].rule == .notify
        for position in call.members.indices where !call.wasAsked[position] {
            let together = isNews ? call.members.indices : call.together(with: position)
            guard isNews || call.wasAsked[together].contains(true) || self.isWaited(call, together) else { continue }
            self.passOver(position, &call, index)
        }
    }
}

extension Ledger {
    private func isWaited(_ call: LedgerCall, _ positions: Range<Int>) -> Bool {
        !self.waiting.isEmpty && positions.contains { self.waiting.contains(Place(token: call.token, position: $0)) }
    }
}

extension LedgerCall {
    /// Whether a call does not concern the member at a place.
    func isFiltered(_ position: Int) -> Bool {
        guard let filter = self.filters[position] else { return false }
        return !filter.matches(self.arguments)
    }

    /// What is known of the members, up to the first that is still asked or was not.
    var heard: [(module: Int, hearing: Reference.Hearing)] {
        var heard: [(module: Int, hearing: Reference.Hearing)] = []
        for (module, hearing) in zip(self.members, self.hearings) {
            guard let hearing else { break }
            heard.append((module, hearing))
        }
        return heard
    }

    /// The places of those who are asked at once with a member: its neighbours, if all of them are pure.
    func together(with position: Int) -> Range<Int> {
        guard self.isPure[position] else { return position..<(position + 1) }
        var (first, end) = (position, position + 1)
        while first > 0, self.isPure[first - 1] { first -= 1 }
        while end < self.isPure.count, self.isPure[end] { end += 1 }
        return first..<end
    }
}
