import Callbacks
import MessageBus
import WireProtocol

// MARK: What modules answer

extension Ledger {
    /// Takes a module's reply; late ones, and those of others, belong to no step.
    mutating func reply(_ envelope: Envelope, from peer: PeerID) {
        let id = envelope.header.callID
        guard let step = self.steps[id], step.peer == peer else { return }
        self.steps[id] = nil
        let status = envelope.header.flags.status
        guard !step.isExit else { return self.leftScope(step, status) }
        if step.callback < 0 {
            step.token.map { self.calls[$0]?.direct = envelope }
            return
        }
        self.heard(step, self.reference(step.callback).hearing(status, envelope.body))
    }

    /// Notes what became of a step.
    mutating func heard(_ step: LedgerStep, _ hearing: Reference.Hearing) {
        guard !step.isExit else {
            if case .failure(let kind) = hearing { self.exitFailed(step, kind) }
            return
        }
        // Nobody depends on what is said in shadow.
        guard !step.isShadow else { return }
        if let scope = step.scope { self.entered(scope, step, hearing) }
        if step.callback >= 0 { self.noteCircuit(step, hearing) }
        guard let token = step.token, self.calls[token] != nil else { return }
        if step.callback < 0 {
            guard case .failure(let kind) = hearing else { return }
            let fault = BusFault(kind.faultCode, "")
            let flags = MessageFlags(kind == .overloaded ? .overloaded : .error)
            self.calls[token]?.direct = Envelope(Header(kind: .reply, flags: flags), body: fault.encoded())
        } else {
            self.calls[token]?.hearings[step.position] = hearing
            if case .failure(let kind) = hearing { self.noteRetriable(step, kind) }
            self.noteReplacement(token, step, hearing)
        }
    }

    /// What counts for a module, and against it.
    private mutating func noteCircuit(_ step: LedgerStep, _ hearing: Reference.Hearing) {
        let row = self.row(step.module, step.callback)
        switch hearing {
        case .noOpinion, .answer: self.circuits[row].succeeded()
        case .failure(let kind) where [.timeout, .error, .invalidResult].contains(kind):
            let action = self.terms.policies.action(kind, step.callback, of: step.module)
            if self.circuitsBefore[row] == nil { self.circuitsBefore[row] = self.circuits[row] }
            self.circuits[row].failed(kind, action, sent: step.sent, at: self.now, self.terms.circuit)
        case .failure: break
        }
    }

    /// Those who come after a replacement see what was replaced, and are concerned by that.
    private mutating func noteReplacement(_ token: Int, _ step: LedgerStep, _ hearing: Reference.Hearing) {
        guard self.callbacks[step.callback].isAmend, case .answer(let answer) = hearing,
            let replacement = Reference.replacement(answer)
        else { return }
        self.calls[token]?.arguments.value = replacement["v"]?.integer
    }

    /// A call to a module found no room on the way.
    mutating func notDelivered(_ id: UInt64, to peer: PeerID) {
        guard let step = self.steps[id], step.peer == peer else { return }
        self.steps[id] = nil
        self.heard(step, .failure(.overloaded))
    }

    mutating func cancelled(_ id: UInt64, at peer: PeerID) {
        guard let step = self.steps[id] else {
            return self.report(.cancel, "step \(id) was cancelled and is not under way")
        }
        self.steps[id] = nil
        guard step.peer == peer else { return self.report(.cancel, "step \(id) was cancelled at another peer") }
        guard self.leftovers.remove(id) == nil else { return }
        if let token = step.token, self.dropped.contains(token) {
            if let scope = step.scope, !step.isExit { self.scopes[scope]?.state = .due("whoever entered gave up") }
            return
        }
        let isDecided = self.isDecided(without: step)
        // Who did not answer in time has failed, also if the call is decided in that moment by who waited beside it.
        guard !isDecided || self.isOverWithWaiters(step) else { return }
        // A step with less than a millisecond is told that it has one.
        let end = step.sent.adding(span: UInt64(step.budgetMilliseconds == 1 ? 0 : step.budgetMilliseconds) * 1_000_000)
        guard self.now >= end else {
            return self.report(.cancel, "step \(id) was cancelled though there is time and its caller waits")
        }
        self.heard(step, .failure(.timeout))
    }

    /// Whether those before a step have decided, so that nothing it may come to matters.
    private mutating func isDecided(without step: LedgerStep) -> Bool {
        guard !step.isExit, let token = step.token, step.callback >= 0, var call = self.calls[token] else {
            return false
        }
        let reference = self.reference(step.callback)
        func isDecided() -> Bool {
            reference.verdict(Array(call.heard.prefix(step.position)), of: call.members.count) != nil
        }
        // Those before it may have been passed over or given up just now, with reason unless those before them have decided.
        for position in 0..<step.position where !call.wasAsked[position] && !isDecided() {
            self.passOver(position, &call, step.callback)
        }
        self.calls[token] = call
        return isDecided()
    }

    /// Whether a step has run out of time with somebody who waited: those who are asked at once have the same deadline.
    private func isOverWithWaiters(_ step: LedgerStep) -> Bool {
        guard let token = step.token, let call = self.calls[token] else { return false }
        let together = call.together(with: step.position).map { call.members[$0] }
        return self.before.waiters.contains {
            $0.caller == call.peer && $0.callID == call.callID && $0.column == step.callback
                && together.contains($0.module) && self.isOver($0.deadline)
        }
    }

    mutating func checkLeftovers() {
        guard let id = self.leftovers.min() else { return }
        self.report(.cancel, "step \(id) goes on though its call is answered")
    }
}

// MARK: What hosts get

extension Ledger {
    mutating func answered(_ envelope: Envelope, to peer: PeerID) {
        let key = CallKey(peer: peer, callID: envelope.header.callID)
        guard let token = self.keys.removeValue(forKey: key), let call = self.calls.removeValue(forKey: token) else {
            return self.report(.replyOnce, "\(key.callID) of \(peer) was answered, and nothing is owed")
        }
        // What is due is done before those are given up who have been silent for too long.
        if case .advance = self.input {
        } else if self.dropped.contains(token) {
            return self.report(.replyOnce, "call #\(token) was answered after it was cancelled")
        }
        self.checkTime(call)
        self.closed[token] = call
        for (id, step) in self.steps where step.token == token { self.leftovers.insert(id) }
        switch call.subject {
        case .excess:
            if envelope.header.flags.status != .overloaded {
                self.report(.books, "call #\(token) is one too many and was not refused")
            }
            return
        case .exit:
            if envelope.header.flags.status != .continue {
                self.report(.result, "leaving, call #\(token), was answered \(envelope.header.flags.status)")
            }
        case .method(let module): self.checkDirect(call, module, envelope)
        case .turning(let module, let isOn):
            guard envelope.header.flags.status == .answer else {
                return self.report(.result, "an operator's call #\(token) was answered \(envelope.header.flags.status)")
            }
            self.turned(module, on: isOn)
            return
        case .unusable:
            if (try? BusFault(decoding: envelope.body))?.code != .badRequest {
                self.report(.result, "call #\(token) says nobody whom to ask and got \(envelope.body.text)")
            }
            return
        case .callback(let index): self.checkVerdict(call, index, envelope)
        }
        if call.subject != .exit, envelope.header.epoch != call.epoch {
            self.report(
                .epoch,
                "call #\(token) was admitted under \(call.epoch), its reply says \(envelope.header.epoch)"
            )
        }
    }

    private mutating func checkTime(_ call: LedgerCall) {
        guard self.now > max(call.latest, self.asleepUntil) else { return }
        self.report(.inTime, "call #\(call.token) was answered \(self.now.millisecondsSince(call.latest) + 1) ms late")
    }

    private mutating func checkDirect(_ call: LedgerCall, _ module: Int, _ envelope: Envelope) {
        guard let direct = call.direct else {
            // Nobody was asked: nobody serves it, is up, or has room.
            if envelope.header.flags.status == .answer {
                self.report(.result, "method call #\(call.token) was answered by nobody")
            }
            return
        }
        if direct.header.flags.status != envelope.header.flags.status {
            return self.report(
                .result,
                "method call #\(call.token): \(direct.header.flags.status) became \(envelope.header.flags.status)"
            )
        }
        if direct.header.flags.status == .answer, direct.body != envelope.body {
            self.report(.result, "method call #\(call.token): the answer is not the module's")
        }
    }

    private mutating func checkVerdict(_ call: LedgerCall, _ index: Int, _ envelope: Envelope) {
        var call = call
        let callback = self.callbacks[index]
        let reference = self.reference(index)
        if call.isGated { return self.checkGated(envelope, call, index) }
        var verdict = reference.verdict(call.heard, of: call.members.count)
        if verdict == nil {
            self.passOverRest(&call, index)
            verdict = reference.verdict(call.heard, of: call.members.count)
        }
        while verdict == nil, let next = call.hearings.firstIndex(of: nil), !call.wasAsked[next] {
            self.passOver(next, &call, index)
            verdict = reference.verdict(call.heard, of: call.members.count)
        }
        self.closed[call.token] = call
        guard let (known, _) = verdict else {
            return self.report(.result, "call #\(call.token) was answered though somebody is still asked")
        }
        let expected = call.isBypassed ? .nothing(callback.standard) : known
        self.verdicts += 1
        guard !call.isAmbiguous else {
            self.ambiguous += 1
            return
        }
        guard !self.agrees(envelope, expected, call, index) else { return }
        let said = call.heard.map(\.hearing)
        let isVeto = said.contains(where: Self.isVeto)
        self.report(
            isVeto ? .veto : .result,
            "\(callback.name) #\(call.token): \(said) of \(call.members) come to \(expected), and the host got "
                + "\(envelope.header.flags.status) \(envelope.body.text) of '\(envelope.header.target)'"
        )
    }

    /// Nothing is decided while somebody is missing who has to be there.
    private mutating func checkGated(_ envelope: Envelope, _ call: LedgerCall, _ index: Int) {
        let expected = self.reference(index).nobody(.noneUp)
        self.verdicts += 1
        guard !self.agrees(envelope, expected, call, index) else { return }
        self.report(
            .required,
            "\(self.callbacks[index].name) #\(call.token) is not to be decided, and the host got "
                + "\(envelope.header.flags.status) \(envelope.body.text)"
        )
    }

    private func agrees(
        _ envelope: Envelope,
        _ expected: Reference.Verdict,
        _ call: LedgerCall,
        _ index: Int
    ) -> Bool {
        let callback = self.callbacks[index]
        let status = envelope.header.flags.status
        let value = try? JSONValue(parsing: envelope.body)
        switch expected {
        case .answer(let result, let module):
            guard status == .answer, value == result else { return false }
            let isByModule = module.map { envelope.header.target == self.modules[$0] } ?? true
            return isByModule || envelope.header.target.isEmpty
        case .nothing(let result):
            return status == .continue && value == result
        case .failure(let kind):
            let code = value?["code"]?.string
            guard callback.rule == .notify, !call.members.isEmpty else { return code == kind.faultCode.rawValue }
            return zip(call.members, call.hearings).contains { module, hearing in
                guard case .failure(let kind) = hearing,
                    self.terms.policies.action(kind, index, of: module) == .fail
                else { return false }
                return code == kind.faultCode.rawValue
            }
        }
    }
}

extension FailureKind {
    /// The code of the wire for it (`docs/callbacks.md`, Failures).
    var faultCode: BusFault.Code {
        self == .error ? .moduleError : BusFault.Code(rawValue: self.rawValue)
    }
}
