import Callbacks
import MessageBus
import WireProtocol

// MARK: Scopes

extension Ledger {
    /// What the answer to entering makes of a scope.
    mutating func entered(_ name: String, _ step: LedgerStep, _ hearing: Reference.Hearing) {
        switch hearing {
        case .answer:
            guard case .scoped(let lease) = self.callbacks[step.callback].rule else { return }
            self.scopes[name]?.state = .open
            self.scopes[name]?.latest = self.now.adding(span: UInt64(lease + 2) * 1_000_000)
        case .failure(.timeout): self.scopes[name]?.state = .due("the module did not answer in time")
        case .failure(.invalidResult): self.scopes[name]?.state = .due("the answer is of no use")
        // It was not entered, or there is nobody to tell.
        case .noOpinion, .failure: self.scopes[name] = nil
        }
    }

    mutating func sentExit(_ envelope: Envelope, _ name: String?, _ module: Int, to peer: PeerID) {
        guard let name, let scope = self.scopes[name] else {
            return self.report(
                .scopeOnce,
                "\(self.modules[module]) is told to leave a scope that it has not entered, or has left"
            )
        }
        guard scope.peer == peer else {
            return self.report(.scopeOnce, "scope \(name) is left by another than entered it")
        }
        switch scope.state {
        case .leaving, .left: self.report(.scopeOnce, "scope \(name) is left twice")
        case .asked: self.report(.scopeOnce, "scope \(name) is left while it is entered")
        case .open where !self.mayLeave(scope):
            self.report(.scopeOnce, "scope \(name) is left and nobody wants it")
        case .open, .due, .owed: break
        }
        self.scopes[name]?.state = .leaving
        let token = CallToken.read(envelope.body)
        let isCallers = token.map { self.calls[$0]?.subject == .exit } ?? false
        self.steps[envelope.header.callID] = LedgerStep(
            token: isCallers ? token : nil,
            callback: scope.callback,
            module: module,
            peer: peer,
            sent: self.now,
            budgetMilliseconds: envelope.header.budgetMilliseconds,
            isExit: true,
            scope: name
        )
    }

    /// Whether a scope may end though its caller has not left it: the lease is about to be over, or the module goes.
    private func mayLeave(_ scope: LedgerScope) -> Bool {
        let leaseEnd = MonotonicTime(nanoseconds: scope.latest.nanoseconds - 2_000_000)
        if self.now >= leaseEnd { return true }
        return self.registrations[scope.peer]?.isDraining == true || self.input.message(.drain)?.peer == scope.peer
    }

    mutating func leftScope(_ step: LedgerStep, _ status: ReplyStatus) {
        guard let name = step.scope else { return }
        if status == .overloaded { return self.exitFailed(step, .overloaded) }
        if status != .error { self.circuits[self.row(step.module, step.callback)].left() }
        self.scopes[name]?.state = .left
    }

    mutating func exitFailed(_ step: LedgerStep, _ kind: FailureKind) {
        guard let name = step.scope, self.scopes[name] != nil else { return }
        guard kind == .overloaded else {
            self.scopes[name]?.state = .left
            return
        }
        self.scopes[name]?.state = .owed
        self.scopes[name]?.latest = self.now.adding(span: 1_002_000_000)
    }

    /// Whatever had to be left with this input is being left, and nothing is open for longer than it may.
    mutating func checkScopes() {
        guard !self.scopes.isEmpty else { return }
        for name in self.scopes.keys.sorted() {
            guard let scope = self.scopes[name] else { continue }
            switch scope.state {
            case .due(let reason): self.report(.scopeExit, "scope \(name) is not left: \(reason)")
            case .left: self.scopes[name] = nil
            case .open, .owed:
                if self.registrations[scope.peer]?.isDraining == true, scope.state == .open {
                    self.report(.scopeExit, "scope \(name) is not left, and its module is about to go")
                }
                if self.now > max(scope.latest, self.asleepUntil) {
                    self.report(.scopeExit, "scope \(name) is \(scope.state) for too long")
                }
            case .asked, .leaving: break
            }
        }
    }
}
