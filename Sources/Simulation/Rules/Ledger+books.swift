import Callbacks
import MessageBus

extension Ledger {
    /// The dispatcher's books hold what is under way, and nothing else.
    mutating func checkBooks() {
        let books = self.after
        if books.chains != self.calls.count {
            self.report(
                .books,
                "\(books.chains) chains are in the books, and \(self.calls.count) calls are owed a reply"
            )
        }
        if books.steps != self.steps.count + books.waiters.count {
            self.report(
                .books,
                "\(books.steps) steps are in the books, \(self.steps.count) calls to modules are under way, and \(books.waiters.count) wait"
            )
        }
        if books.scopes != self.scopes.values.count(where: { $0.state != .asked }) {
            self.report(.books, "\(books.scopes) scopes are in the books, and \(self.scopes.count) are not left")
        }
        self.checkEntries(books.entries)
    }

    /// Counts once for all connections what is under way: it is looked at after each input.
    private mutating func checkEntries(_ entries: [DispatcherBooks.Entry]) {
        var incoming: [PeerID: Int] = [:]
        for key in self.keys.keys { incoming[key.peer, default: 0] += 1 }
        var steps: [PeerID: [LedgerStep]] = [:]
        for step in self.steps.values { steps[step.peer, default: []].append(step) }
        for entry in entries {
            let incoming = incoming[entry.peer] ?? 0
            if entry.incoming != incoming {
                self.report(
                    .books,
                    "\(entry.peer) has \(entry.incoming) calls by the books, and is owed \(incoming) replies"
                )
            }
            if entry.incoming > self.inFlightMax { self.report(.books, "\(entry.peer) has \(entry.incoming) calls") }
            self.checkSteps(steps[entry.peer] ?? [], of: entry)
        }
    }

    private mutating func checkSteps(_ steps: [LedgerStep], of entry: DispatcherBooks.Entry) {
        if entry.outgoing != steps.count {
            self.report(
                .books,
                "\(entry.peer) has \(entry.outgoing) calls to answer by the books, and \(steps.count) are under way"
            )
        }
        var right = [UInt16](repeating: 0, count: entry.running.count)
        for step in steps where !step.isExit && right.indices.contains(step.callback) { right[step.callback] += 1 }
        guard entry.running != right else { return }
        for (callback, running) in entry.running.enumerated() where running != right[callback] {
            self.report(
                .books,
                "\(entry.peer) runs \(running) \(self.callbacks[callback].name) by the books, and has \(right[callback])"
            )
        }
    }

    /// Whether anything is overdue though nothing has happened.
    mutating func checkOverdue(_ token: Int, at now: MonotonicTime) {
        self.now = now
        guard let call = self.calls[token], now > max(call.latest, self.asleepUntil) else { return }
        self.report(
            .inTime,
            "call #\(token) with \(call.budgetMilliseconds) ms is \(now.millisecondsSince(call.latest) + 1) ms over and unanswered"
        )
    }

    mutating func checkSteps(at now: MonotonicTime) {
        self.now = now
        if let waiter = self.after.waiters.first(where: {
            now > max($0.deadline.adding(span: 2_000_000), self.asleepUntil)
        }) {
            return self.report(.inTime, "\(waiter.callID) of \(waiter.caller) waits though its time is over")
        }
        guard let id = self.steps.filter({ now > max($0.value.latest, self.asleepUntil) }).keys.min() else { return }
        self.report(.inTime, "step \(id) is over its \(self.steps[id]?.budgetMilliseconds ?? 0) ms and goes on")
    }
}
