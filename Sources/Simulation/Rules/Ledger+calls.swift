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
            epoch: self.before.epoch
        )
        if self.keys.keys.count(where: { $0.peer == peer }) < self.inFlightMax {
            call.subject = self.subject(of: envelope, from: peer)
        }
        if case .callback(let index) = call.subject {
            let members = self.members(index)
            call.members = self.callbacks[index].isForOne ? Array(members.prefix(1)) : members
            call.wasAsked = call.members.map { _ in false }
            call.hearings = call.members.map { _ in nil }
            call.isPure = call.members.map {
                self.mayAskTogether(index) && self.known[$0]?.pure.contains(index) == true
            }
        }
        self.calls[token] = call
        self.keys[CallKey(peer: peer, callID: header.callID)] = token
    }

    private mutating func subject(of envelope: Envelope, from peer: PeerID) -> LedgerCall.Subject {
        let target = envelope.header.target
        if let module = self.modules.firstIndex(where: { target == "method/\($0)/echo" }) { return .method(module) }
        guard let index = self.callbacks.firstIndex(where: { $0.target == target }) else { return .excess }
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
        self.checkBudget(envelope.header, of: call, module)
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
        switch call.subject {
        case .callback(let index):
            step.callback = index
            guard let position = self.position(of: module, &call, index) else { return }
            step.position = position
            call.wasAsked[position] = true
            self.asked.append(token)
            if let scope = words?.id {
                step.scope = scope
                self.scopes[scope] = LedgerScope(peer: peer, caller: call.peer, callback: index)
            }
        case .method(let owner):
            if owner != module {
                self.report(.order, "a method of \(self.modules[owner]) went to \(self.modules[module])")
            }
            if call.direct != nil || self.steps.values.contains(where: { $0.token == token }) {
                self.report(.atMostOnce, "method call #\(token) was made twice")
            }
        case .exit, .excess:
            self.report(.order, "call #\(token) is to reach no module")
        }
        self.calls[token] = call
        self.steps[id] = step
    }

    /// Where a module stands among those to ask; whoever was passed over before it must have been so with reason.
    private mutating func position(of module: Int, _ call: inout LedgerCall, _ index: Int) -> Int? {
        let name = self.modules[module]
        guard let position = call.members.firstIndex(of: module) else {
            self.report(.order, "call #\(call.token): \(name) is not among those to ask")
            return nil
        }
        guard !call.wasAsked[position] else {
            self.report(.atMostOnce, "call #\(call.token) reached \(name) twice")
            return nil
        }
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
        for earlier in 0..<position where !call.wasAsked[earlier] { self.passOver(earlier, &call, index) }
        let before = Array(call.heard.prefix(together.lowerBound))
        if Reference(callback: self.callbacks[index]).verdict(before, of: call.members.count) != nil {
            let isVeto = before.contains { Self.isVeto($0.hearing) }
            self.report(isVeto ? .veto : .order, "call #\(call.token): \(name) is asked though all is decided")
        }
        return position
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

    /// Notes that a member was not asked, and why.
    mutating func passOver(_ position: Int, _ call: inout LedgerCall, _ index: Int) {
        guard call.hearings[position] == nil else { return }
        let module = call.members[position]
        if case .advance = self.input, self.isUp(module, index, self.before) != self.isUp(module, index, self.after) {
            call.isAmbiguous = true
        }
        guard let kind = self.reasonAgainst(module, index, call) else {
            self.report(.everybody, "call #\(call.token): \(self.modules[module]) has room and was not asked")
            call.hearings[position] = .noOpinion
            return
        }
        call.hearings[position] = .failure(kind)
    }

    /// Why a module cannot be asked; nil when it can.
    private func reasonAgainst(_ module: Int, _ index: Int, _ call: LedgerCall) -> FailureKind? {
        guard call.deadline > self.now else { return .timeout }
        guard self.isUp(module, index, self.after) else { return .noneUp }
        return self.replicas(module, index, self.after).contains { self.hasRoom($0, index) } ? nil : .overloaded
    }

    private func isUp(_ module: Int, _ index: Int, _ books: DispatcherBooks) -> Bool {
        !self.replicas(module, index, books).isEmpty
    }

    private func replicas(_ module: Int, _ index: Int, _ books: DispatcherBooks) -> [PeerID] {
        books.entries.map(\.peer).filter { peer in
            guard let registration = self.registrations[peer], registration.module == module else { return false }
            return books.isReady(peer) && (index < 0 || registration.claims?.callbacks[index] != nil)
        }
    }

    private func hasRoom(_ peer: PeerID, _ index: Int) -> Bool {
        let running = self.steps.values.filter { $0.peer == peer }
        guard running.count < self.inFlightMax else { return false }
        guard index >= 0, let concurrency = self.registrations[peer]?.claims?.callbacks[index] else { return index < 0 }
        return running.count { $0.callback == index && !$0.isExit } < concurrency
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

    private mutating func checkBudget(_ header: Header, of call: LedgerCall, _ module: Int) {
        let left = call.deadline > self.now ? call.deadline.millisecondsSince(self.now) : 0
        var most = max(1, left)
        if case .callback(let index) = call.subject {
            most = min(most, self.callbacks[index].deadlineMilliseconds)
            let after =
                call.members.firstIndex(of: module).map { call.members.count - call.together(with: $0).upperBound } ?? 0
            if after > 0, self.callbacks[index].rule != .notify {
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
        }
        for token in tokens {
            guard var call = self.calls[token], case .callback(let index) = call.subject else { continue }
            self.passOverRest(&call, index)
            self.calls[token] = call
        }
    }

    /// Passes over those who should have been asked together with one who was, or with the arrival of the call.
    mutating func passOverRest(_ call: inout LedgerCall, _ index: Int) {
        let isNews = self.callbacks[index].rule == .notify
        for position in call.members.indices where !call.wasAsked[position] {
            let together = isNews ? call.members.indices : call.together(with: position)
            guard isNews || call.wasAsked[together].contains(true) else { continue }
            self.passOver(position, &call, index)
        }
    }
}

extension LedgerCall {
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
