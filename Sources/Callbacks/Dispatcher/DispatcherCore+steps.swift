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
        deadline: MonotonicTime,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> FailureKind? {
        guard deadline > now else { return .timeout }
        let peer: Int
        switch self.replica(of: module, for: column, target: self.chains[chain].target) {
        case .peer(let place): peer = place
        case .full: return .overloaded
        case .down: return .noneUp
        }
        let step = Step(chain: chain, peer: peer, module: module, column: column, started: now)
        guard let id = self.steps.insert(step, deadline: deadline, now: now) else { return .overloaded }
        self.stepStarted(id, step)
        let header = Header(
            kind: .call,
            budgetMilliseconds: max(1, deadline.millisecondsSince(now)),
            callID: id,
            epoch: self.chains[chain].epoch,
            target: self.chains[chain].target
        )
        let (metadata, body) = (self.chains[chain].metadata, self.chains[chain].body)
        self.send(header, metadata: metadata, body: body, to: peer, at: now, into: &actions)
        return nil
    }

    /// The replica with the fewest unanswered calls; equals take turns.
    private mutating func replica(of module: Int, for column: Int, target: String) -> Replica {
        let count = self.modules[module].replicas.count
        let isMixed = self.modules[module].isMixed
        var best = -1
        var isAnyUp = false
        self.modules[module].turn &+= 1
        for offset in 0..<count {
            let turn = (self.modules[module].turn &+ offset) % count
            let place = self.modules[module].replicas[turn]
            guard self.peers[place].isUp, self.serves(place, column, isMixed: isMixed, target: target) else { continue }
            isAnyUp = true
            guard self.hasRoom(place, column) else { continue }
            if best < 0 || self.peers[place].outgoing < self.peers[best].outgoing {
                best = place
            }
        }
        if best >= 0 {
            return .peer(best)
        }
        return isAnyUp ? .full : .down
    }

    private func serves(_ place: Int, _ column: Int, isMixed: Bool, target: String) -> Bool {
        guard column == self.webColumn else { return self.peers[place].serves(column) }
        // The table has said that the module owns the path; only replicas that differ have to be asked again.
        guard isMixed else { return true }
        return self.peers[place].serves(path: String(target.dropFirst("web/".count + self.peers[place].name.count)))
    }

    private func hasRoom(_ place: Int, _ column: Int) -> Bool {
        guard self.peers[place].outgoing < self.configuration.inFlightMax else { return false }
        guard column != self.webColumn else { return true }
        return self.peers[place].running[column] < self.peers[place].concurrency[column]
    }

    private mutating func stepStarted(_ id: UInt64, _ step: Step) {
        self.peers[step.peer].outgoing += 1
        self.peers[step.peer].calls += 1
        if step.column != self.webColumn {
            self.peers[step.peer].running[step.column] += 1
        }
        self.callCounters[self.counter(step.module, step.column)].calls += 1
        if self.isNotify(step.chain) {
            self.chains[step.chain].parallelSteps.append(id)
        } else {
            self.chains[step.chain].step = id
        }
    }

    /// Takes a call out of the books of its chain and its replica; the tracker has forgotten it already.
    mutating func stepEnded(_ id: UInt64, _ step: Step) {
        if self.isNotify(step.chain) {
            self.chains[step.chain].parallelSteps.removeAll { $0 == id }
        } else {
            self.chains[step.chain].step = 0
        }
        // A replica that has left has no books any more.
        guard self.peers[step.peer].module == step.module, self.peers[step.peer].outgoing > 0 else { return }
        self.peers[step.peer].outgoing -= 1
        if step.column != self.webColumn, step.column < self.peers[step.peer].running.count {
            self.peers[step.peer].running[step.column] -= 1
        }
    }

    private func isNotify(_ chain: Int) -> Bool {
        guard case .callback(let callback) = self.chains[chain].subject else { return false }
        return self.plans[callback].isNotify
    }

    func counter(_ module: Int, _ column: Int) -> Int {
        module * (self.webColumn + 1) + column
    }
}

// MARK: Answers

extension DispatcherCore {
    mutating func reply(
        _ envelope: Envelope,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let id = envelope.header.callID
        guard let step = self.steps[id] else {
            self.busCounters.lateReplies += 1
            if let module = self.peers[place].module { self.modules[module].lateReplies += 1 }
            return
        }
        guard step.peer == place else {
            self.busCounters.forgedReplies += 1
            return self.malformed(place, at: now, into: &actions)
        }
        _ = self.steps.remove(id)
        self.stepEnded(id, step)
        guard envelope.body.count <= self.configuration.bodySizeMax else {
            let fault = BusFault(.tooLarge, "the module's reply has \(envelope.body.count) bytes")
            return self.stepFailed(step, .error, fault, at: now, into: &actions)
        }
        switch envelope.header.flags.status {
        case .error: self.stepFailed(step, .error, Self.fault(in: envelope.body), at: now, into: &actions)
        case .overloaded: self.stepFailed(step, .overloaded, nil, at: now, into: &actions)
        case .continue, .answer:
            switch self.chains[step.chain].subject {
            case .web: self.webAnswered(step, envelope, at: now, into: &actions)
            case .callback(let callback): self.answered(step, callback, envelope, at: now, into: &actions)
            }
        }
    }

    /// A module's own words, under the code that says that they are.
    private static func fault(in body: Payload) -> BusFault {
        guard let fault = try? BusFault(decoding: body) else {
            return BusFault(.moduleError, "the module answered an error that is not one of the wire's")
        }
        return BusFault(.moduleError, fault.message, isRetryable: fault.isRetryable)
    }

    private mutating func webAnswered(
        _ step: Step,
        _ envelope: Envelope,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard envelope.header.flags.status == .answer else {
            return self.stepFailed(step, .invalidResult, nil, at: now, into: &actions)
        }
        self.callCounters[self.counter(step.module, step.column)].answers += 1
        self.outcomes[self.webColumn].answers += 1
        let chain = self.chains[step.chain]
        let header = Header(kind: .reply, flags: MessageFlags(.answer), callID: chain.callID, epoch: chain.epoch)
        self.removeChain(step.chain)
        self.send(header, metadata: envelope.metadata, body: envelope.body, to: chain.caller, at: now, into: &actions)
    }

    private mutating func answered(
        _ step: Step,
        _ callback: Int,
        _ envelope: Envelope,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let counter = self.counter(step.module, step.column)
        let verdict: AnswerJudge.Verdict =
            envelope.header.flags.status == .continue ? .neutral : self.plans[callback].judge.judge(envelope.body)
        guard verdict != .invalid, self.fits(verdict, callback) else {
            return self.stepFailed(step, .invalidResult, nil, at: now, into: &actions)
        }
        self.callCounters[counter].answers += envelope.header.flags.status == .answer ? 1 : 0
        self.callCounters[counter].continues += envelope.header.flags.status == .continue ? 1 : 0
        self.trace(step, envelope.header.flags.status == .answer ? "answer" : "continue", at: now)
        if self.plans[callback].isNotify {
            return self.told(step.chain, callback, at: now, into: &actions)
        }
        guard case .answer(let body) = verdict else {
            return self.proceed(step.chain, callback, at: now, into: &actions)
        }
        self.gather(body, step, callback, at: now, into: &actions)
    }
}
