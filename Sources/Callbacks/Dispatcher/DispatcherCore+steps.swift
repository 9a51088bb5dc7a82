import MessageBus
import WireProtocol

// MARK: Calls to modules

extension DispatcherCore {
    /// Who of a module's replicas gets a call.
    enum Replica: Equatable {
        case peer(Int)
        /// Every one that is up has as many calls as it takes.
        case full
        case down
    }

    /// Sends a chain's call to a module.
    ///
    /// - Returns: nil when it is on its way, or why it could not be sent.
    mutating func startStep(
        _ chain: Int,
        _ module: Int,
        _ column: Int,
        member: Int = -1,
        deadline: MonotonicTime,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> FailureKind? {
        guard deadline > now else { return .timeout }
        if self.circuits.isKnown(self.counter(module, column)),
            let kind = self.refusal(byCircuitOf: module, column, at: now)
        {
            return kind
        }
        var step = Step(chain: chain, peer: -1, module: module, column: column, started: now, deadline: deadline)
        step.member = member
        switch self.replica(of: module, for: column, chain, at: now) {
        case .peer(let place):
            step.peer = place
            step.identity = self.peers[place].identity
        case .full: return self.wait(step, at: now)
        case .down: return .noneUp
        }
        guard let id = self.steps.insert(step, deadline: deadline, now: now) else { return .overloaded }
        self.enterReplica(step)
        self.enterChain(id, step)
        self.sendCall(id, step, at: now, into: &actions)
        return nil
    }

    /// Sends a call to the replica that was chosen for it.
    mutating func sendCall(_ id: UInt64, _ step: Step, at now: MonotonicTime, into actions: inout [RouterAction]) {
        let header = Header(
            kind: .call,
            budgetMilliseconds: max(1, step.deadline.millisecondsSince(now)),
            callID: id,
            epoch: self.chains[step.chain].epoch,
            target: self.chains[step.chain].target
        )
        let (metadata, body) = (self.chains[step.chain].metadata, self.chains[step.chain].body)
        self.send(header, metadata: metadata, body: body, to: step.peer, at: now, into: &actions)
    }

    /// The replica that is expected to answer first: by how long it takes and how many calls it has; equals take turns.
    mutating func replica(
        of module: Int,
        for column: Int,
        _ chain: Int,
        except excluded: Int = -1,
        at now: MonotonicTime
    ) -> Replica {
        let count = self.modules[module].replicas.count
        let isMixed = self.modules[module].isMixed
        var best = -1
        var bestCost = UInt64.max
        var isAnyUp = false
        self.modules[module].turn &+= 1
        for offset in 0..<count {
            let turn = (self.modules[module].turn &+ offset) % count
            let place = self.modules[module].replicas[turn]
            // Not `isUp`: for a computed property the whole peer would be copied.
            guard place != excluded, self.peers[place].state == .ready,
                self.serves(place, column, chain, isMixed: isMixed)
            else { continue }
            isAnyUp = true
            guard self.hasRoom(place, column) else { continue }
            guard count > 1 else { return .peer(place) }
            let cost = self.peers[place].latency.cost(outgoing: self.peers[place].outgoing, at: now)
            if cost < bestCost { (best, bestCost) = (place, cost) }
        }
        if best >= 0 {
            return .peer(best)
        }
        return isAnyUp ? .full : .down
    }

    /// Notes how long a replica took, where it is compared with others.
    mutating func noteLatency(_ step: Step, at now: MonotonicTime) {
        guard self.modules[step.module].replicas.count > 1 else { return }
        self.peers[step.peer].latency.note(since: step.started, at: now)
    }

    @inline(__always)
    private func serves(_ place: Int, _ column: Int, _ chain: Int, isMixed: Bool) -> Bool {
        guard !self.isCallback(column) else {
            // Also where another version has come since the call was admitted.
            let isSure = !isMixed && self.chains[chain].epoch == self.epoch
            return self.peers[place].serves(column) && (isSure || self.wants(place, column, chain))
        }
        // The table has said that it is the module's; only replicas that differ have to be asked again.
        guard isMixed else { return true }
        return self.peers[place].manifest.serves(self.chains[chain].target, of: self.peers[place].name)
    }

    @inline(__always)
    func hasRoom(_ place: Int, _ column: Int) -> Bool {
        guard self.peers[place].outgoing < self.peers[place].concurrencyMax else { return false }
        guard self.isCallback(column) else { return true }
        return self.peers[place].running[column] < self.peers[place].concurrency[column]
    }

    /// Puts a call into the books of the replica that gets it.
    mutating func enterReplica(_ step: Step) {
        self.peers[step.peer].enter(self.isCallback(step.column) ? step.column : -1)
        self.callCounters[self.counter(step.module, step.column)].calls += 1
    }

    /// Puts a call into the books of its chain.
    mutating func enterChain(_ id: UInt64, _ step: Step) {
        if step.member >= 0 {
            self.chains[step.chain].segment.started(step.member, id)
        } else if self.isNotify(step.chain) {
            self.chains[step.chain].parallelSteps.append(id)
        } else {
            self.chains[step.chain].step = id
        }
    }

    /// Takes a call out of the books of its chain and its replica; the tracker has forgotten it already.
    ///
    /// - Returns: Whether its chain waits for it: one that decides ends those that were asked side by side.
    @discardableResult
    mutating func stepEnded(_ id: UInt64, _ step: Step) -> Bool {
        self.leaveReplica(id, step)
        guard step.member < 0 else { return self.chains[step.chain].segment.ended(step.member, id) }
        if step.lane >= 0, let next = self.lanes.leave(Int(step.lane), id) { self.turns.append(next) }
        if step.chain >= 0 {
            self.endStep(id, ofChain: step.chain)
        }
        return true
    }

    private mutating func leaveReplica(_ id: UInt64, _ step: Step) {
        guard step.peer >= 0 else {
            return self.modules[step.module].line.remove(id)
        }
        // A replica that has left has no books any more.
        guard self.peers[step.peer].module == step.module, self.peers[step.peer].outgoing > 0 else { return }
        self.peers[step.peer].outgoing -= 1
        // Leaving takes none of the calls that a callback has room for: it must always be possible.
        if step.leaving == 0, step.column < self.peers[step.peer].running.count {
            self.peers[step.peer].running[step.column] -= 1
        }
        if !self.modules[step.module].line.isEmpty { self.modulesWithRoom.append(step.module) }
    }

    private mutating func endStep(_ id: UInt64, ofChain chain: Int) {
        if self.isNotify(chain) {
            self.chains[chain].parallelSteps.removeAll { $0 == id }
        } else {
            self.chains[chain].step = 0
        }
    }

    @inline(__always)
    private func isNotify(_ chain: Int) -> Bool {
        guard case .callback(let callback) = self.chains[chain].subject else { return false }
        return self.plans[callback].isNotify
    }

    @inline(__always)
    func counter(_ module: Int, _ column: Int) -> Int {
        module * (self.plans.count + DirectKind.allCases.count) + column
    }
}

// MARK: Answers

extension DispatcherCore {
    mutating func reply(
        _ envelope: consuming Envelope,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let id = envelope.header.callID
        guard let step = self.steps.remove(id, where: { $0.peer == place }) else {
            return self.unexpectedReply(id, from: place, at: now, into: &actions)
        }
        self.stepEnded(id, step)
        self.noteLatency(step, at: now)
        guard step.leaving == 0 else {
            return self.left(step, envelope, at: now, into: &actions)
        }
        guard step.shadow < 0 else { return self.shadowAnswered(step, envelope, at: now) }
        guard envelope.body.count <= self.configuration.bodySizeMax else {
            // Not `too_large`, which is about what the caller sent: here the module is to blame.
            let message =
                "the module's reply has \(envelope.body.count) bytes, the limit is \(self.configuration.bodySizeMax)"
            let fault = BusFault(.invalidResult, message)
            return self.stepFailed(step, .invalidResult, fault, at: now, into: &actions)
        }
        switch envelope.header.flags.status {
        case .error:
            guard !self.blameCaller(step, envelope.body, at: now, into: &actions) else { return }
            let fault = self.fault(in: envelope.body, of: self.chains[step.chain].subject)
            self.stepFailed(step, .error, fault, at: now, into: &actions)
        case .overloaded:
            let fault = self.overload(in: envelope.body, of: self.chains[step.chain].subject)
            self.stepFailed(step, .overloaded, fault, at: now, into: &actions)
        case .continue, .answer:
            switch self.chains[step.chain].subject {
            case .direct(let kind, _): self.directAnswered(step, kind, envelope, at: now, into: &actions)
            case .callback(let callback): self.answered(step, callback, consume envelope, at: now, into: &actions)
            }
        }
    }

    /// A reply to a call that has ended, or that somebody else was asked.
    private mutating func unexpectedReply(
        _ id: UInt64,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard self.steps[id] == nil else {
            self.busCounters.forgedReplies += 1
            return self.malformed(place, at: now, into: &actions)
        }
        self.busCounters.lateReplies += 1
        if let module = self.peers[place].module { self.modules[module].lateReplies += 1 }
    }

    /// The codes that speak of what the caller sent, which a method may answer with as the dispatcher does.
    private static let callersFaults: Set<BusFault.Code> = [.badRequest, .notFound, .forbidden]

    /// A module's own words, under the code that says that they are.
    private func fault(in body: Payload, of subject: Chain.Subject) -> BusFault {
        guard let fault = try? BusFault(decoding: body) else {
            return BusFault(.moduleError, "the module answered an error that is not one of the wire's")
        }
        if case .direct(.method, _) = subject, Self.callersFaults.contains(fault.code) { return fault }
        return BusFault(.moduleError, fault.message, isRetryable: fault.isRetryable)
    }

    /// What a module that was called directly says of its being overloaded; nil for nothing.
    private func overload(in body: Payload, of subject: Chain.Subject) -> BusFault? {
        guard case .direct = subject, let fault = try? BusFault(decoding: body) else { return nil }
        return BusFault(.overloaded, fault.message, isRetryable: true)
    }

    private mutating func directAnswered(
        _ step: Step,
        _ kind: DirectKind,
        _ envelope: Envelope,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let status = envelope.header.flags.status
        // Of a web resource there is a response or there is none.
        guard status == .answer || kind != .web else {
            return self.stepFailed(step, .invalidResult, nil, at: now, into: &actions)
        }
        self.callCounters[self.counter(step.module, step.column)].answers += status == .answer ? 1 : 0
        self.callCounters[self.counter(step.module, step.column)].continues += status == .continue ? 1 : 0
        self.outcomes[step.column].answers += status == .answer ? 1 : 0
        self.outcomes[step.column].continues += status == .continue ? 1 : 0
        let chain = self.chains[step.chain]
        let header = Header(kind: .reply, flags: MessageFlags(status), callID: chain.callID, epoch: chain.epoch)
        self.removeChain(step.chain)
        self.send(
            header,
            metadata: envelope.heldMetadata,
            body: envelope.body,
            to: chain.caller,
            at: now,
            into: &actions
        )
    }

    private mutating func answered(
        _ step: Step,
        _ callback: Int,
        _ envelope: consuming Envelope,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let counter = self.counter(step.module, step.column)
        let status = envelope.header.flags.status
        let verdict: AnswerJudge.Verdict =
            status == .continue ? .neutral : self.plans[callback].judge.judge(envelope.body)
        guard verdict != .invalid, self.fits(verdict, envelope.body, callback) else {
            self.abandonEntering(step, because: "the module's answer is not what is declared", at: now, into: &actions)
            return self.stepFailed(step, .invalidResult, nil, at: now, into: &actions)
        }
        self.callCounters[counter].answers += status == .answer ? 1 : 0
        self.callCounters[counter].continues += status == .continue ? 1 : 0
        if self.circuits.isKnown(counter) { self.noteSuccess(step, into: &actions) }
        let said: StepVerdict = status == .answer ? .answer : .continue
        if step.member >= 0 {
            let settlement: PureSegment.Settlement = verdict.result(of: envelope.body).map { .answer($0) } ?? .neutral
            return self.settle(step, callback, settlement, said, at: now, into: &actions)
        }
        self.trace(step, said, at: now)
        if self.plans[callback].isNotify {
            return self.told(step.chain, callback, at: now, into: &actions)
        }
        guard let body = verdict.result(of: envelope.takeBody()) else {
            // No opinion: nothing was entered.
            return self.proceed(step.chain, callback, at: now, into: &actions)
        }
        if self.plans[callback].isScoped {
            self.scopes.open(self.chains[step.chain].number, self.opened(step, callback, at: now))
            self.chains[step.chain].scope = .open
        }
        self.gather(consume body, step, callback, at: now, into: &actions)
        // It entered what it was asked before it drained, and is not here for much longer.
        guard self.plans[callback].isScoped, self.peers[step.peer].state == .draining else { return }
        self.abandonScopes(ofReplica: step.peer, at: now, into: &actions)
    }
}
