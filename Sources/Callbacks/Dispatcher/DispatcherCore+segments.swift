import MessageBus
import WireProtocol

// MARK: Asking side by side

extension DispatcherCore {
    /// Where the neighbours end that can be asked side by side from here; nil when the next is to be asked alone.
    func segmentEnd(_ chain: Int) -> Int? {
        let position = self.chains[chain].position
        guard position < self.chains[chain].segmentEnds.count else { return nil }
        let end = self.chains[chain].segmentEnds[position]
        return end > position + 1 ? end : nil
    }

    /// Asks the members up to a place at once.
    ///
    /// - Returns: Whether all of them have spoken already and the chain goes on behind them.
    mutating func askSegment(
        _ chain: Int,
        _ callback: Int,
        upTo end: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> Bool {
        let first = self.chains[chain].position
        let deadline = self.stepDeadline(chain, callback, followers: self.chains[chain].memberCount - end, at: now)
        var segment = PureSegment(capacity: end - first)
        for position in first..<end { segment.add(module: self.chains[chain].members[position]) }
        self.chains[chain].segment = segment
        for member in 0..<(end - first) {
            let module = self.chains[chain].members[first + member]
            if self.isFiltered(chain, first + member) {
                self.chains[chain].segment.settle(member, .filtered, StepRecord(.filtered, module: module))
                continue
            }
            let failure = self.startStep(
                chain,
                module,
                callback,
                member: member,
                deadline: deadline,
                at: now,
                into: &actions
            )
            guard let failure else { continue }
            let record = StepRecord(StepVerdict(failure), module: module)
            self.chains[chain].segment.settle(member, .failed(failure, nil), record)
            // Behind a failure that decides, all before it having spoken, nobody is asked, and no circuit's trial is spent.
            if self.applySettled(chain, callback, at: now, into: &actions) == .ended { return false }
        }
        return self.applySettled(chain, callback, at: now, into: &actions) == .passed
    }

    /// Keeps what a member of a segment came to, and does what follows from it.
    mutating func settle(
        _ step: Step,
        _ callback: Int,
        _ settlement: PureSegment.Settlement,
        _ verdict: StepVerdict,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.chains[step.chain].segment.settle(step.member, settlement, self.record(step, verdict, at: now))
        guard self.applySettled(step.chain, callback, at: now, into: &actions) == .passed else { return }
        self.proceed(step.chain, callback, at: now, into: &actions)
    }

    /// How far a segment has come.
    private enum SegmentProgress {
        /// Somebody has not spoken.
        case asked
        /// All have spoken, and the chain goes on behind them.
        case passed
        /// The chain is over.
        case ended
    }

    /// Applies in order what members have said, up to the first that has not.
    private mutating func applySettled(
        _ chain: Int,
        _ callback: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> SegmentProgress {
        while let (settlement, record) = self.chains[chain].segment.next() {
            self.chains[chain].position += 1
            if case .filtered = settlement {
                self.noteFiltered(chain, callback, Int(record.module))
                continue
            }
            self.trace(chain, record)
            let isEnded: Bool
            switch settlement {
            case .filtered: isEnded = false
            case .neutral:
                isEnded = false
            case .answer(let body):
                isEnded = self.applyAnswer(body, chain, callback, by: Int(record.module), at: now, into: &actions)
            case .failed(let kind, let fault):
                let module = Int(record.module)
                // A call that was made has counted its failure when it failed.
                if record.identity == 0 { self.callCounters[self.counter(module, callback)].note(kind) }
                isEnded = self.apply(kind, fault, chain, callback, module, at: now, into: &actions)
            case .blamedCaller(let fault):
                let body = fault.encoded()
                self.finish(chain, callback, .failed, fault.status, body, by: nil, at: now, into: &actions)
                isEnded = true
            }
            guard !isEnded else { return .ended }
        }
        guard self.chains[chain].segment.isApplied else { return .asked }
        self.chains[chain].segment = PureSegment()
        return .passed
    }

    /// Does with an answer what the callback's rule says.
    ///
    /// - Returns: Whether the chain has ended.
    private mutating func applyAnswer(
        _ body: Payload,
        _ chain: Int,
        _ callback: Int,
        by module: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> Bool {
        guard case .merge(let rule) = self.plans[callback].declaration.rule else {
            self.finish(chain, callback, .answer, .answer, body, by: module, at: now, into: &actions)
            return true
        }
        guard self.absorbs(rule, body, chain) else { return false }
        self.conclude(chain, callback, at: now, into: &actions)
        return true
    }

    /// Takes back the calls of a segment whose chain has ended: nothing they may say can change its result.
    mutating func cancelSegment(_ chain: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        for id in self.chains[chain].segment.steps {
            guard let step = self.steps.remove(id) else { continue }
            self.stepEnded(id, step)
            self.callCounters[self.counter(step.module, step.column)].cancelled += 1
            guard step.peer >= 0 else { continue }
            self.send(Header(kind: .cancel, callID: id), to: step.peer, at: now, into: &actions)
        }
        self.chains[chain].segment = PureSegment()
    }
}
