import MessageBus

// MARK: Trying again

extension DispatcherCore {
    /// How often one call may be made again.
    private static let retriesMax = 2

    /// Makes a call again at another replica: of callbacks that may be asked twice only, within the budget for that, and in the time that the call has.
    ///
    /// - Returns: Whether it is on its way.
    mutating func retry(
        _ step: Step,
        _ kind: FailureKind,
        _ callback: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> Bool {
        guard kind == .lost || kind == .overloaded, self.plans[callback].isIdempotent else { return false }
        // What is told in order is not told again: the next one's turn has come.
        guard step.peer >= 0, step.lane < 0, step.retries < Self.retriesMax, step.deadline > now else { return false }
        guard self.circuits.refusal(self.counter(step.module, callback), since: step.started) == nil else {
            return false
        }
        guard
            case .peer(let peer) = self.replica(
                of: step.module,
                for: callback,
                step.chain,
                except: step.peer,
                at: now
            ),
            self.retryBudgets[callback].take()
        else { return false }
        var next = step
        next.peer = peer
        next.identity = self.peers[peer].identity
        next.started = now
        next.retries += 1
        guard let id = self.steps.insert(next, deadline: next.deadline, now: now) else { return false }
        self.callCounters[self.counter(step.module, callback)].retries += 1
        if step.member < 0 { self.trace(step, StepVerdict(kind), at: now) }
        self.enterReplica(next)
        self.enterChain(id, next)
        self.sendCall(id, next, at: now, into: &actions)
        return true
    }
}
