import BackgroundUpdates
import MessageBus

// MARK: What is committed

extension UpdateLedger {
    /// A batch begins; its size follows from what was committed before.
    mutating func begins(_ update: String, _ size: Int, _ advice: SizeAdvice, isFirst: Bool, isOneShot: Bool) {
        guard size >= advice.minimum, size <= max(BatchSizer.sizeMax, advice.minimum) else {
            return self.report(.pace, "a batch of \(update) has \(size) rows, at least \(advice.minimum) are wanted")
        }
        let most = max(advice.first, advice.minimum)
        guard isFirst, size > most, !isOneShot else { return }
        self.report(.pace, "a batch of \(update) has \(size) rows, \(most) at most are right")
    }

    mutating func committed(_ worker: Int, _ before: VirtualStore, _ after: VirtualStore, _ world: UpdateWorld) {
        guard let batch = world.workers[worker].batch, let report = batch.report,
            let place = self.settings.updates.firstIndex(where: { $0.name == batch.update })
        else { return }
        self.batches += 1
        self.rows += report.rows
        self.checkRight(batch, before, self.books[worker].view)
        self.checkRows(batch.update, place, before, after)
        self.checkPace(batch, report)
        self.checkBooks(batch, report, after)
    }

    /// Whether it may be worked by this worker, and at all.
    private mutating func checkRight(_ batch: VirtualBatch, _ before: VirtualStore, _ seen: QueueView) {
        let lease = batch.claim.lease
        guard before.control.owner == lease.owner, before.control.epoch == lease.epoch, lease.epoch == self.epoch else {
            return self.report(
                .fenced,
                "\(lease.owner) commits in epoch \(lease.epoch), and \(before.control.owner) has it in \(before.control.epoch)"
            )
        }
        guard before.control.isEnabled else {
            return self.report(.control, "\(lease.owner) commits while updates are disabled")
        }
        guard let record = try? before.record(batch.update) else {
            return self.report(.order, "\(lease.owner) commits \(batch.update), which is not pending")
        }
        guard record.state.standing == .active else {
            return self.report(.control, "\(lease.owner) commits \(batch.update), which is \(record.state.standing)")
        }
        // What is put into the queue while a batch is in hand comes before the next one.
        let isPending = { (view: [PendingUpdate], name: String) in view.contains { $0.name == name } }
        if let other = record.pending.dependsOn, isPending(before.pending, other), isPending(seen.pending, other) {
            self.report(.order, "\(lease.owner) commits \(batch.update) before \(other)")
        }
    }

    /// The rows that the cursor has passed are done once more than before, as they are; no other is.
    private mutating func checkRows(_ update: String, _ place: Int, _ before: VirtualStore, _ after: VirtualStore) {
        let kind = self.settings.updates[place].kind
        guard let low = try? UpdateProgress(json: before.record(update).pending.progress).cursor.key ?? .min else {
            return
        }
        var high = Int64.max
        if let pending = after.pending.first(where: { $0.name == update }) {
            high = (try? UpdateProgress(json: pending.progress).cursor.key) ?? .min
        }
        guard kind != .index else {
            if after.indexes[place] != before.indexes[place] + 1 {
                self.report(.exactlyOnce, "\(update) made no index")
            }
            return
        }
        guard high >= low else {
            return self.report(.exactlyOnce, "the cursor of \(update) goes back from \(low) to \(high)")
        }
        for (old, new) in zip(before.rows, after.rows) {
            let isPassed = old.key > low && old.key <= high
            if new.skippedBy.contains(place), !old.skippedBy.contains(place) {
                guard !isPassed || new.done[place] != old.done[place] else { continue }
                return self.report(.exactlyOnce, "row \(old.key) of \(update) is reported, and was done or not passed")
            }
            guard new.done[place] == old.done[place] + (isPassed ? 1 : 0) else {
                return self.report(
                    .exactlyOnce,
                    "row \(old.key) of \(update) was done \(new.done[place] - old.done[place]) times, the cursor went from \(low) to \(high)"
                )
            }
            guard isPassed else { continue }
            guard new.done[place] == 1, new.seen[place] == old.value else {
                return self.report(
                    .exactlyOnce,
                    "row \(old.key) of \(update) was done \(new.done[place]) times, as \(new.seen[place]) and it is \(old.value)"
                )
            }
        }
    }

    /// A batch ends when its time is over: its last step began before, or the rows were too few.
    private mutating func checkPace(_ batch: VirtualBatch, _ report: BatchReport) {
        guard !batch.claim.handler.isOneShot else { return }
        guard report.rows <= batch.claim.pace.size else {
            return self.report(.pace, "\(report.rows) rows in a batch of \(batch.claim.pace.size)")
        }
        // Whoever has not seen what was committed since may try with more, and is refused.
        let most = max(self.accounts[batch.update]?.sizeMax ?? .max, batch.claim.bounds.minimum)
        guard batch.claim.pace.size <= most else {
            return self.report(
                .pace,
                "a batch of \(batch.update) has \(batch.claim.pace.size) rows, \(most) at most are right"
            )
        }
        let target = batch.permit.target / .milliseconds(1)
        guard batch.elapsedBeforeLastStep >= target, batch.rowsBeforeLastStep >= batch.claim.bounds.minimum else {
            return
        }
        self.report(.pace, "a batch for \(target) ms goes on after \(batch.elapsedBeforeLastStep) ms")
    }

    private mutating func checkBooks(_ batch: VirtualBatch, _ report: BatchReport, _ after: VirtualStore) {
        var account = self.accounts[batch.update, default: Account()]
        account.items += report.rows
        account.batches += 1
        if report.rows > 0 { account.sizeMax = max(batch.claim.pace.size + 1, 2 * batch.claim.pace.size) }
        self.accounts[batch.update] = account
        guard let state = after.states[batch.update] else { return self.report(.books, "\(batch.update) has no books") }
        guard state.items == account.items, state.batches == account.batches else {
            return self.report(
                .books,
                "\(state.items) rows in \(state.batches) batches of \(batch.update) are known, \(account.items) in \(account.batches) were done"
            )
        }
        if state.failures != 0 || state.standing == .active && state.lastError != nil {
            self.report(.books, "\(batch.update) goes on and is still said to fail")
        }
    }

    // MARK: The end

    /// Whether everything has ended that can; if not, something has to move.
    mutating func checkQuiet(_ world: UpdateWorld) -> Bool {
        let able = self.able(world.store)
        guard able.isEmpty else {
            if self.batches == self.batchesBefore {
                self.report(.quiet, "nothing moves, and \(able.sorted().joined(separator: ", ")) could")
            }
            self.batchesBefore = self.batches
            return false
        }
        for worker in world.workers.indices where world.workers[worker].isAlive {
            if world.store.control.isHeld(at: world.wallTime(of: worker)) {
                self.report(.quiet, "\(world.store.control.owner) keeps the database and has nothing to do")
            }
        }
        return true
    }

    /// The pending updates that can end, with those that they wait for.
    private func able(_ store: VirtualStore) -> Set<String> {
        var able: Set<String> = []
        var isChanging = true
        while isChanging {
            isChanging = false
            for pending in store.pending where !able.contains(pending.name) {
                guard let spec = self.settings.updates.first(where: { $0.name == pending.name }), spec.isKnown,
                    !spec.isBroken
                else { continue }
                let isReady =
                    pending.dependsOn.map { other in
                        able.contains(other) || !store.pending.contains { $0.name == other }
                    } ?? true
                guard isReady else { continue }
                able.insert(pending.name)
                isChanging = true
            }
        }
        return able
    }
}
