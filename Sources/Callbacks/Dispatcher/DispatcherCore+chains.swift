import MessageBus
import WireProtocol

// MARK: Going through the members

extension DispatcherCore {
    /// What a step leaves to each one after it, so that a module that hangs does not use up the time of the others.
    private static let reserveNanosecondsMax: UInt64 = 100_000_000

    /// Asks the next member of a chain, and those after it while they cannot be asked; ends the chain when none is left.
    mutating func proceed(_ chain: Int, _ callback: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        while self.chains[chain].position < self.chains[chain].memberCount {
            if let end = self.segmentEnd(chain) {
                guard self.askSegment(chain, callback, upTo: end, at: now, into: &actions) else { return }
                continue
            }
            let module = self.chains[chain].members[self.chains[chain].position]
            if self.isFiltered(chain, self.chains[chain].position) {
                self.chains[chain].position += 1
                self.noteFiltered(chain, callback, module)
                continue
            }
            let followers = self.chains[chain].memberCount - self.chains[chain].position - 1
            let deadline = self.stepDeadline(chain, callback, followers: followers, at: now)
            self.chains[chain].position += 1
            guard let kind = self.startStep(chain, module, callback, deadline: deadline, at: now, into: &actions) else {
                return
            }
            self.trace(chain, StepRecord(StepVerdict(kind), module: module))
            self.callCounters[self.counter(module, callback)].note(kind)
            let isEnded = self.apply(kind, nil, chain, callback, module, at: now, into: &actions)
            guard !isEnded else { return }
        }
        self.conclude(chain, callback, at: now, into: &actions)
    }

    /// The callback's own deadline, or what is left of the chain's without the share of those who come after.
    @inline(__always)
    func stepDeadline(_ chain: Int, _ callback: Int, followers: Int, at now: MonotonicTime) -> MonotonicTime {
        let end = self.chains[chain].deadline
        let own = now.adding(milliseconds: self.plans[callback].deadlineMilliseconds)
        guard end > now else { return end }
        let left = end.nanoseconds - now.nanoseconds
        let reserve = UInt64(followers) * min(left / UInt64(followers + 1), Self.reserveNanosecondsMax)
        return min(own, MonotonicTime(nanoseconds: end.nanoseconds - reserve))
    }

    /// Tells every member of a `notify` chain at once.
    mutating func tellAll(_ chain: Int, _ callback: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        let own = now.adding(milliseconds: self.plans[callback].deadlineMilliseconds)
        let deadline = min(own, self.chains[chain].deadline)
        let order = self.plans[callback].orderBy.isEmpty ? nil : self.orderValue(chain, callback)
        for (position, module) in self.chains[chain].members.enumerated() {
            self.chains[chain].position += 1
            if self.isFiltered(chain, position) {
                self.noteFiltered(chain, callback, module)
                continue
            }
            let failure = self.tell(chain, module, callback, in: order, until: deadline, at: now, into: &actions)
            guard let kind = failure else { continue }
            self.trace(chain, StepRecord(StepVerdict(kind), module: module))
            self.noteUntold(kind, nil, chain, callback, module)
        }
        self.told(chain, callback, at: now, into: &actions)
    }

    /// Ends a `notify` chain when everybody has answered.
    mutating func told(_ chain: Int, _ callback: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard self.chains[chain].parallelSteps.isEmpty else { return }
        if let fault = self.chains[chain].fault {
            return self.finish(
                chain,
                callback,
                .failed,
                fault.status,
                fault.encoded(),
                by: nil,
                at: now,
                into: &actions
            )
        }
        self.finish(
            chain,
            callback,
            .continue,
            .continue,
            self.plans[callback].defaultBody,
            by: nil,
            at: now,
            into: &actions
        )
    }
}

// MARK: Failing

extension DispatcherCore {
    /// What becomes of a chain whose call to a module has failed.
    mutating func stepFailed(
        _ step: Step,
        _ kind: FailureKind,
        _ fault: BusFault?,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        if step.peer >= 0, self.peers[step.peer].module == step.module {
            self.peers[step.peer].errors += kind == .error || kind == .invalidResult ? 1 : 0
            self.peers[step.peer].timeouts += kind == .timeout ? 1 : 0
        }
        guard step.leaving == 0 else {
            return self.leaveFailed(step, kind, at: now, into: &actions)
        }
        guard step.shadow < 0 else { return self.shadowFailed(step, kind, at: now) }
        let callback: Int
        switch self.chains[step.chain].subject {
        case .callback(let place): callback = place
        case .direct(let direct, _):
            return self.failDirect(step.chain, direct, step.module, kind, fault, at: now, into: &actions)
        }
        self.noteFailure(step, kind, at: now, into: &actions)
        guard !self.retry(step, kind, callback, at: now, into: &actions) else { return }
        if step.member >= 0 {
            // Whoever applies it in order counts what came to nothing before anybody was asked.
            if step.identity != 0 { self.callCounters[self.counter(step.module, callback)].note(kind) }
            return self.settle(step, callback, .failed(kind, fault), StepVerdict(kind), at: now, into: &actions)
        }
        self.trace(step, StepVerdict(kind), at: now)
        guard !self.plans[callback].isNotify else {
            self.noteUntold(kind, fault, step.chain, callback, step.module)
            return self.told(step.chain, callback, at: now, into: &actions)
        }
        self.callCounters[self.counter(step.module, callback)].note(kind)
        let isEnded = self.apply(kind, fault, step.chain, callback, step.module, at: now, into: &actions)
        guard !isEnded else { return }
        self.proceed(step.chain, callback, at: now, into: &actions)
    }

    /// Does what the callback's policy says about a failure that has been counted.
    ///
    /// - Returns: Whether the chain has ended.
    mutating func apply(
        _ kind: FailureKind,
        _ fault: BusFault?,
        _ chain: Int,
        _ callback: Int,
        _ module: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> Bool {
        switch self.failures[module, callback][kind] {
        case .continue:
            self.callCounters[self.counter(module, callback)].failOpens.note(kind)
            return false
        case .stopWith(let value):
            self.finish(chain, callback, .answer, .answer, value.encoded(), by: module, at: now, into: &actions)
            return true
        case .fail:
            let fault = fault ?? self.fault(kind, of: module)
            self.finish(chain, callback, .failed, fault.status, fault.encoded(), by: module, at: now, into: &actions)
            return true
        }
    }

    /// Notes a failure of a `notify` chain, which goes on telling the others.
    private mutating func noteUntold(
        _ kind: FailureKind,
        _ fault: BusFault?,
        _ chain: Int,
        _ callback: Int,
        _ module: Int
    ) {
        let counter = self.counter(module, callback)
        self.callCounters[counter].note(kind)
        guard self.failures[module, callback][kind] == .fail else {
            self.callCounters[counter].failOpens.note(kind)
            return
        }
        self.chains[chain].fault = self.chains[chain].fault ?? fault ?? self.fault(kind, of: module)
    }

    mutating func failDirect(
        _ chain: Int,
        _ direct: DirectKind,
        _ module: Int,
        _ kind: FailureKind,
        _ fault: BusFault?,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let column = self.column(direct)
        self.callCounters[self.counter(module, column)].note(kind)
        self.outcomes[column].failed += 1
        let fault = fault ?? self.fault(kind, of: module)
        let header = Header(
            kind: .reply,
            flags: MessageFlags(fault.status),
            callID: self.chains[chain].callID,
            epoch: self.chains[chain].epoch
        )
        let caller = self.chains[chain].caller
        self.removeChain(chain)
        self.send(header, body: fault.encoded(), to: caller, at: now, into: &actions)
    }

    func fault(_ kind: FailureKind, of module: Int) -> BusFault {
        let name = self.configuration.modules[module].id
        let message =
            switch kind {
            case .timeout: "module '\(name)' did not answer in time"
            case .lost: "module '\(name)' went away with the call"
            case .overloaded: "module '\(name)' has as many calls as it takes"
            case .error: "module '\(name)' answered an error"
            case .invalidResult: "the answer of module '\(name)' is not what the catalogue declares"
            case .noneRegistered: "module '\(name)' has not registered this"
            case .noneUp: "no replica of module '\(name)' is up"
            }
        return BusFault(kind.code, message, isRetryable: kind.isRetryable)
    }
}

// MARK: Ending

extension DispatcherCore {
    /// Sends a chain's reply to its caller and forgets it.
    mutating func finish(
        _ number: Int,
        _ callback: Int,
        _ outcome: Outcome,
        _ status: ReplyStatus,
        _ body: consuming Payload,
        by module: Int?,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.count(outcome, callback)
        if !self.chains[number].segment.isEmpty { self.cancelSegment(number, at: now, into: &actions) }
        self.keepDecision(number, callback, outcome, by: module, at: now)
        if !self.chains[number].shadows.isEmpty {
            self.settleShadows(number, ShadowOpinion(status, copy body), at: now)
        }
        // Not with `map`: for its closure the whole core would be copied.
        let decider = if let module { self.configuration.modules[module].id } else { "" }
        let header = Header(
            kind: .reply,
            flags: MessageFlags(status),
            callID: self.chains[number].callID,
            epoch: self.chains[number].epoch,
            target: decider
        )
        let metadata = self.replyMetadata(number, outcome)
        let caller = self.chains[number].caller
        self.removeChain(number)
        self.send(header, metadata: metadata, body: consume body, to: caller, at: now, into: &actions)
    }

    private mutating func count(_ outcome: Outcome, _ callback: Int) {
        switch outcome {
        case .answer: self.outcomes[callback].answers += 1
        case .continue: self.outcomes[callback].continues += 1
        case .noneRegistered: self.outcomes[callback].noneRegistered += 1
        case .noneUp: self.outcomes[callback].noneUp += 1
        case .failed: self.outcomes[callback].failed += 1
        case .cancelled: self.outcomes[callback].cancelled += 1
        }
    }

    /// The explanation if one was asked for, and the scope if one was opened.
    @inline(__always)
    private mutating func replyMetadata(_ number: Int, _ outcome: Outcome) -> Metadata {
        let isOpen = self.chains[number].scope == .open
        guard isOpen || self.chains[number].isExplained else { return .none }
        return Metadata(self.explanation(number, outcome, isOpen: isOpen))
    }

    // Mutating, though it changes nothing: else the whole core is copied, also for the calls that nobody wants explained.
    private mutating func explanation(_ number: Int, _ outcome: Outcome, isOpen: Bool) -> Payload {
        let id = ScopeMetadata.id(self.chains[number].number, dispatcher: self.configuration.incarnation)
        var members = JSONObject()
        if isOpen { members["scope_id"] = .string(id) }
        if self.chains[number].isExplained {
            members["request_id"] = .string(id)
            members["outcome"] = .string(outcome.rawValue)
            members["steps"] = .array(self.chains[number].trace.map { self.json($0) })
        }
        return JSONValue.object(members).encoded()
    }

    /// Keeps a step for explanations.
    mutating func trace(_ step: Step, _ verdict: StepVerdict, at now: MonotonicTime) {
        self.trace(step.chain, self.record(step, verdict, at: now))
    }

    /// Ends a chain because its caller does not want the reply any more.
    mutating func cancel(
        _ callID: UInt64,
        of place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard let number = self.find(callID, of: place) else { return }
        self.drop(number, at: now, into: &actions)
    }

    /// The chain of a caller's call: looked for among the newest, and then in an index, so that unknown ids cost no walk each.
    private mutating func find(_ callID: UInt64, of place: Int) -> Int? {
        guard self.peers[place].cancelIndex == nil else { return self.peers[place].cancelIndex?.find(callID) }
        var number = self.peers[place].newestChain
        for _ in 0..<CancelIndex.newestMax {
            guard number >= 0 else { return nil }
            guard self.chains[number].callID != callID else { return number }
            number = self.chains[number].older
        }
        guard number >= 0 else { return nil }
        var index = CancelIndex()
        number = self.peers[place].newestChain
        while number >= 0 {
            // Of two with the same id the newer one counts.
            if index.find(self.chains[number].callID) == nil { _ = index.add(self.chains[number].callID, at: number) }
            number = self.chains[number].older
        }
        self.peers[place].cancelIndex = index
        return self.peers[place].cancelIndex?.find(callID)
    }

    mutating func cancelAll(of place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        while self.peers[place].newestChain >= 0 {
            self.drop(self.peers[place].newestChain, at: now, into: &actions)
        }
    }

    private mutating func drop(_ number: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard !self.detachLeaving(number) else { return }
        self.cancelSegment(number, at: now, into: &actions)
        let ids = self.chains[number].parallelSteps + (self.chains[number].step == 0 ? [] : [self.chains[number].step])
        for id in ids {
            guard let step = self.steps.remove(id) else { continue }
            self.stepEnded(id, step)
            self.callCounters[self.counter(step.module, step.column)].cancelled += 1
            guard step.peer >= 0 else { continue }
            self.send(Header(kind: .cancel, callID: id), to: step.peer, at: now, into: &actions)
            self.abandonEntering(step, because: "whoever entered gave up", at: now, into: &actions)
        }
        switch self.chains[number].subject {
        case .callback(let callback):
            self.count(.cancelled, callback)
            self.keepDecision(number, callback, .cancelled, by: nil, at: now)
            self.settleShadows(number, .unknown, at: now)
        case .direct(let kind, _): self.outcomes[self.column(kind)].cancelled += 1
        }
        self.removeChain(number)
    }
}
