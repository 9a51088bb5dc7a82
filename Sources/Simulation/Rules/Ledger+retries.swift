import Callbacks
import MessageBus

// MARK: Calls that are made again

extension Ledger {
    /// How often one call may be made again.
    private static let retriesMax = 2
    /// What a full budget has, in hundredths of a call.
    private static let budgetMax = 1000

    /// Each call of an idempotent callback adds its share to what may be made again.
    mutating func noteBudget(_ index: Int) {
        guard self.callbacks[index].isIdempotent else { return }
        self.budgets[index] = min(self.budgets[index] + self.terms.retryPercent, Self.budgetMax)
    }

    func fullBudgets() -> [Int] {
        self.callbacks.map { _ in self.terms.retryPercent == 0 ? 0 : Self.budgetMax }
    }

    /// Notes a failure after which a call may be made again.
    mutating func noteRetriable(_ step: LedgerStep, _ kind: FailureKind) {
        guard kind == .lost || kind == .overloaded, let token = step.token, let call = self.calls[token],
            self.callbacks[step.callback].isIdempotent, call.retries[step.position] < Self.retriesMax,
            self.circuits[self.row(step.module, step.callback)].refusal(since: step.sent) == nil
        else { return }
        self.failed.append(step)
    }

    /// Whether a call that reaches a module once more may do so.
    mutating func checkRetry(_ call: LedgerCall, _ position: Int, at peer: PeerID, _ index: Int, milliseconds: UInt32) {
        let name = self.modules[call.members[position]]
        guard let place = self.failed.firstIndex(where: { $0.token == call.token && $0.position == position }) else {
            return self.report(.atMostOnce, "call #\(call.token) reached \(name) twice")
        }
        let step = self.failed.remove(at: place)
        if step.peer == peer {
            self.report(.retry, "call #\(call.token) is made again at the replica that has just failed it")
        }
        if self.now.adding(span: UInt64(milliseconds) * 1_000_000) > step.latest {
            self.report(.retry, "call #\(call.token) has more time at its next replica than it had left")
        }
        self.budgets[index] -= 100
        if self.budgets[index] < 0 {
            self.report(.retry, "call #\(call.token) is made again, and there is no budget for that left")
        }
    }

    /// What may be made again is, where there is another replica with room for it.
    mutating func checkRetries() {
        defer { self.failed = [] }
        // What is lost in one turn is made again in an order that nothing tells, and each takes room from the next.
        if case .advance = self.input { return }
        // A step with less than a millisecond is told that it has one.
        for step in self.failed
        where self.budgets[step.callback] >= 100 && step.budgetMilliseconds > 1 && self.now < step.deadline {
            guard let token = step.token, let call = self.calls[token] ?? self.closed[token] else { continue }
            let others = self.replicas(step.module, step.callback, self.after, call)
            let right = others.first { peer in
                peer != step.peer && self.before.isReady(peer) && self.hadRoom(peer, step.callback)
                    && self.hasRoom(peer, step.callback)
            }
            guard let right else { continue }
            self.report(.retry, "call #\(token) failed at \(step.peer) and was not made again at \(right)")
        }
    }
}
