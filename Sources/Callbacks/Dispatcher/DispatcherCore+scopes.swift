import MessageBus
import WireProtocol

// MARK: Entering

extension DispatcherCore {
    /// Admits a call to a `scoped` callback.
    mutating func admitScoped(
        _ envelope: Envelope,
        to callback: Int,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let dispatcher = self.configuration.incarnation
        switch ScopeMetadata(envelope.metadata, dispatcher: dispatcher) {
        case .enter where self.scopes.count(ofCaller: place) >= self.configuration.inFlightMax:
            let message = "\(self.configuration.inFlightMax) scopes of this peer are open, which is the most"
            let fault = BusFault(.overloaded, message, isRetryable: true)
            self.reject(envelope.header.callID, of: place, fault, at: now, into: &actions)
        case .enter:
            let members = self.table.chains[callback]
            let number = self.insertChain(envelope, .callback(callback), members: members, from: place, at: now)
            let metadata = ScopeMetadata.entering(
                envelope.metadata,
                self.chains[number].number,
                dispatcher: dispatcher
            )
            self.chains[number].metadata = Metadata(metadata)
            self.chains[number].scope = .entering
            self.ask(number, callback, at: now, into: &actions)
        case .exit(let scope):
            self.leave(scope, envelope, callback, from: place, at: now, into: &actions)
        case nil:
            let path = self.plans[callback].declaration.path
            let message = "\(path) is entered and left: its metadata have `scope`, which is `enter` or `exit`"
            let fault = BusFault(.badRequest, message)
            self.reject(envelope.header.callID, of: place, fault, at: now, into: &actions)
        }
    }

    /// Opens the scope that a module has entered, unless it is to have ended already.
    func opened(_ step: Step, _ callback: Int, at now: MonotonicTime) -> ScopeTable.Scope {
        let chain = self.chains[step.chain]
        return ScopeTable.Scope(
            callback: callback,
            module: step.module,
            peer: step.peer,
            caller: chain.caller,
            arguments: chain.body.kept(),
            due: now.adding(milliseconds: self.plans[callback].leaseMilliseconds)
        )
    }

    /// Sees to it that a module leaves what it may have entered, though its answer did not come or was of no use.
    mutating func abandonEntering(
        _ step: Step,
        because reason: String,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard step.chain >= 0, self.chains[step.chain].scope == .entering,
            case .callback(let callback) = self.chains[step.chain].subject
        else { return }
        let number = self.chains[step.chain].number
        self.scopes.owe(number, self.opened(step, callback, at: now))
        self.tellLost(number, because: reason, at: now, into: &actions)
    }
}

// MARK: Leaving

extension DispatcherCore {
    /// When a module is told that could not be told at once.
    private static let retryInterval = Duration.seconds(1)

    private mutating func leave(
        _ scope: UInt64?,
        _ envelope: Envelope,
        _ callback: Int,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let chain = self.insertChain(envelope, .callback(callback), members: [], from: place, at: now)
        self.outcomes[callback].calls += 1
        guard let number = scope, self.scopes[number]?.callback == callback,
            self.scopes.leave(number, by: place, telling: envelope.body.kept()) != nil
        else {
            // It ended without this caller, or its module is gone: whoever leaves has nothing to wait for.
            return self.finishLeaving(chain, callback, at: now, into: &actions)
        }
        self.tell(number, envelope.metadata, chain: chain, at: now, into: &actions)
    }

    /// Tells a module that a scope ended without the caller's word.
    mutating func tellLost(
        _ number: UInt64,
        because reason: String,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard let scope = self.scopes[number] else { return }
        self.lostScopes += 1
        let outcome: JSONValue = ["status": "lost", "error": .string(reason)]
        let exit =
            Amendment.arguments(scope.arguments, replacing: "outcome", by: outcome)
            ?? JSONValue.object(["outcome": outcome]).encoded()
        self.scopes.tell(number, exit)
        self.tell(number, nil, chain: -1, at: now, into: &actions)
    }

    /// Sends a scope's exit to the replica that entered, however busy or silent it is.
    private mutating func tell(
        _ number: UInt64,
        _ metadata: Payload?,
        chain: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard let scope = self.scopes[number] else { return }
        let own = now.adding(milliseconds: self.plans[scope.callback].deadlineMilliseconds)
        let deadline = chain < 0 ? own : min(own, self.chains[chain].deadline)
        var step = Step(
            chain: chain,
            peer: scope.peer,
            module: scope.module,
            column: scope.callback,
            started: now,
            deadline: deadline
        )
        step.identity = self.peers[scope.peer].identity
        step.leaving = number
        guard let id = self.steps.insert(step, deadline: deadline, now: now) else {
            return self.leaveFailed(step, .overloaded, at: now, into: &actions)
        }
        self.peers[scope.peer].outgoing += 1
        self.peers[scope.peer].calls += 1
        self.callCounters[self.counter(scope.module, scope.callback)].calls += 1
        if chain >= 0 { self.chains[chain].step = id }
        let header = Header(
            kind: .call,
            budgetMilliseconds: max(1, deadline.millisecondsSince(now)),
            callID: id,
            epoch: self.epoch,
            target: self.plans[scope.callback].declaration.target
        )
        let metadata = metadata ?? ScopeMetadata.exiting(number, dispatcher: self.configuration.incarnation)
        self.send(header, metadata: Metadata(metadata), body: scope.exit, to: scope.peer, at: now, into: &actions)
    }

    /// Takes a module's word that it has left.
    mutating func left(_ step: Step, _ envelope: Envelope, at now: MonotonicTime, into actions: inout [RouterAction]) {
        switch envelope.header.flags.status {
        case .overloaded: self.leaveFailed(step, .overloaded, at: now, into: &actions)
        case .error: self.leaveFailed(step, .error, at: now, into: &actions)
        case .continue, .answer:
            self.callCounters[self.counter(step.module, step.column)].answers += 1
            self.scopes.remove(step.leaving)
            guard step.chain >= 0 else { return }
            self.trace(step, .exit, at: now)
            self.finishLeaving(step.chain, step.column, at: now, into: &actions)
        }
    }

    /// What becomes of an exit that failed: the caller goes on, and a module that was not told is told later.
    mutating func leaveFailed(
        _ step: Step,
        _ kind: FailureKind,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let counter = self.counter(step.module, step.column)
        self.callCounters[counter].note(kind)
        self.callCounters[counter].failOpens.note(kind)
        if kind == .overloaded {
            self.scopes.retry(step.leaving, at: now + Self.retryInterval)
        } else {
            self.scopes.remove(step.leaving)
        }
        guard step.chain >= 0 else { return }
        self.trace(step, StepVerdict(kind), at: now)
        self.finishLeaving(step.chain, step.column, at: now, into: &actions)
    }

    /// Answers whoever left; there is nothing to say.
    private mutating func finishLeaving(
        _ chain: Int,
        _ callback: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.finish(chain, callback, .continue, .continue, "null", by: nil, at: now, into: &actions)
    }

    /// Lets go of a caller that does not wait for its exit; the module still gets it.
    mutating func detachLeaving(_ chain: Int) -> Bool {
        let id = self.chains[chain].step
        guard id != 0, let step = self.steps[id], step.leaving != 0 else { return false }
        _ = self.steps.update(id) { $0.chain = -1 }
        self.outcomes[step.column].cancelled += 1
        self.removeChain(chain)
        return true
    }
}

// MARK: Ends that nobody asks for

extension DispatcherCore {
    /// Leaves the scopes of a caller that is gone.
    mutating func abandonScopes(ofCaller place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        for number in self.scopes.abandon(where: { $0.caller == place }) {
            self.tellLost(number, because: "whoever entered is gone", at: now, into: &actions)
        }
    }

    /// Leaves the scopes of a replica that is about to go, while it still takes calls.
    mutating func abandonScopes(ofReplica place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        for number in self.scopes.abandon(where: { $0.peer == place }) {
            self.tellLost(number, because: "the module is leaving", at: now, into: &actions)
        }
    }

    mutating func advanceScopes(to now: MonotonicTime, into actions: inout [RouterAction]) {
        for (number, wasOpen) in self.scopes.expire(upTo: now) {
            if wasOpen {
                self.tellLost(number, because: "the lease is over", at: now, into: &actions)
            } else {
                self.tell(number, nil, chain: -1, at: now, into: &actions)
            }
        }
    }
}
