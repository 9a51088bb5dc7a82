import BackgroundUpdates
import GRDB
import MessageBus
import SeededRandom
import Simulation
import WireProtocol

// MARK: What the shell does for one batch

extension UpdateWorld {
    func work(_ update: String, _ permit: UpdatePermit, _ lease: Lease, at worker: Int) {
        guard let place = self.settings.updates.firstIndex(where: { $0.name == update }) else { return }
        let kind = self.settings.updates[place].kind
        let sizer = self.workers[worker].view.states[update]?.sizer ?? BatchSizer()
        let advice = self.advice(isFirst: sizer.size == nil)
        let bounds = BatchSizer.Bounds(minimum: advice.minimum)
        let size = sizer.next(firstSize: advice.first, bounds: bounds)
        let pace = BatchPace(
            size: self.mutant == .sizeUnbounded ? size * 4 : size,
            minimum: bounds.minimum,
            target: self.mutant == .neverCut ? .infinity : permit.target / .milliseconds(1)
        )
        self.ledger.begins(update, pace.size, advice, isFirst: sizer.size == nil, isOneShot: kind.isOneShot)
        let claim = BatchClaim(
            lease: lease,
            update: update,
            handler: kind,
            pace: pace,
            bounds: bounds,
            commitCost: self.workers[worker].commitCosts[update] ?? 0
        )
        var batch = VirtualBatch(update: update, permit: permit, claim: claim, began: self.now)
        if kind == .rows {
            guard self.isReadable else { return self.fail(worker, Self.unreadable, size) }
            do throws(BackgroundUpdatesError) {
                batch.prepared = PreparedRows(progress: try self.readProgress(update), pace: pace)
            } catch {
                return self.fail(worker, error, size)
            }
            batch.phase = .preparing
        }
        self.workers[worker].batch = batch
        self.workers[worker].lockAskedAt = nil
        self.goOn(worker)
    }

    private func readProgress(_ update: String) throws(BackgroundUpdatesError) -> UpdateProgress {
        try UpdateProgress(json: self.store.record(update).pending.progress)
    }

    /// The batch ends without a commit.
    private func fail(_ worker: Int, _ error: BackgroundUpdatesError, _ size: Int? = nil) {
        let claim = self.workers[worker].batch?.claim
        self.workers[worker].batch = nil
        let isOneShot = claim?.handler.isOneShot == true
        self.note("\(self.workers[worker].owner) fails: \(error)")
        self.ledger.failed(worker, error, at: self.wallTime(of: worker))
        self.happened(.workFailed(error, size: isOneShot ? nil : claim?.pace.size ?? size), at: worker)
    }

    func goOn(_ worker: Int) {
        guard let batch = self.workers[worker].batch else { return }
        switch batch.phase {
        case .preparing: self.prepare(worker)
        case .thinking: break
        case .committing:
            guard self.isReadable else { return self.fail(worker, Self.unreadable) }
            guard self.hasBatchLock(worker) else { return }
            self.transact(worker)
        }
    }

    /// Waits for the write lock, for a second at most.
    private func hasBatchLock(_ worker: Int) -> Bool {
        guard self.locker != nil else { return true }
        let since = self.workers[worker].lockAskedAt ?? self.now
        self.workers[worker].lockAskedAt = since
        if self.now.since(since) >= .seconds(1) {
            self.fail(worker, Self.busy)
        } else {
            self.schedule(after: 20, .batch(worker: worker, process: self.workers[worker].process))
        }
        return false
    }

    // MARK: Asking a module

    private func prepare(_ worker: Int) {
        guard var batch = self.workers[worker].batch, var prepared = batch.prepared else { return }
        guard self.isReadable else { return self.fail(worker, Self.unreadable) }
        let elapsed = self.now.since(batch.began) / .milliseconds(1)
        let isStopping = self.workers[worker].isStopping
        guard !prepared.hasReachedEnd, let limit = prepared.pace.nextStep(elapsed: elapsed, isStopping: isStopping)
        else {
            batch.prepared = prepared
            batch.phase = .committing
            self.workers[worker].batch = batch
            self.workers[worker].lockAskedAt = nil
            return self.goOn(worker)
        }
        batch.rowsBeforeLastStep = prepared.pace.done
        batch.elapsedBeforeLastStep = elapsed
        let rows = Array(self.store.rows(after: prepared.cursor, limit: limit))
        guard !rows.isEmpty else {
            prepared.append([], RowChanges(), keyLength: 1, limit: limit, 0.05)
            batch.prepared = prepared
            self.workers[worker].batch = batch
            return self.goOn(worker)
        }
        guard self.keepsLease(worker, &batch) else { return }
        batch.prepared = prepared
        batch.phase = .thinking(rows: rows, limit: limit, since: self.now)
        self.workers[worker].batch = batch
        self.workers[worker].lockAskedAt = nil
        self.ledger.asks(worker, self)
        self.ask(rows, of: batch.update, at: worker)
    }

    /// Prolongs the lease when it has lasted for a while.
    private func keepsLease(_ worker: Int, _ batch: inout VirtualBatch) -> Bool {
        if let renewed = batch.renewedAt, self.now.since(renewed) < self.limits.leaseTTL / 4 { return true }
        guard self.mutant != .leaseNotKept else { return true }
        guard self.hasBatchLock(worker) else { return false }
        do throws(BackgroundUpdatesError) {
            try self.store.control.assert(batch.claim.lease, for: batch.update, at: self.wallTime(of: worker))
        } catch {
            self.fail(worker, error)
            return false
        }
        batch.renewedAt = self.now
        return true
    }

    private func ask(_ rows: [VirtualRow], of update: String, at worker: Int) {
        let process = self.workers[worker].process
        let (delay, answer) = self.moduleSays(rows, of: update)
        self.schedule(after: delay, .answered(worker: worker, process: process, answer))
    }

    private func moduleSays(
        _ rows: [VirtualRow],
        of update: String
    ) -> (Double, Result<RowChanges, BackgroundUpdatesError>) {
        let spec = self.settings.updates.first { $0.name == update }
        let delay = self.uniform(0.5...max(1, self.settings.thinking))
        if !self.isModuleUp {
            let isSilent = self.random.percent(50)
            return (isSilent ? 5000 : delay, .failure(BackgroundUpdatesError(.unavailable, "waiting for the module")))
        }
        if spec?.isBroken == true {
            return (delay, .failure(BackgroundUpdatesError(.definitive, "the module's answer is no JSON")))
        }
        if !self.isCalm, self.random.percent(spec?.trouble ?? 0) {
            return (delay, .failure(BackgroundUpdatesError(.failed, "the module answers an error")))
        }
        var changes = RowChanges()
        for (place, row) in rows.enumerated() {
            guard row.key % 29 != 0 else {
                changes.skipped[place] = "no such word"
                continue
            }
            changes.changes.append(
                RowChange(
                    table: "words",
                    action: .insert([
                        .init(column: "note", value: row.key.databaseValue),
                        .init(column: "word", value: row.value.databaseValue),
                    ])
                )
            )
        }
        return (delay, .success(changes))
    }

    func answered(_ answer: Result<RowChanges, BackgroundUpdatesError>, at worker: Int) {
        guard var batch = self.workers[worker].batch, case .thinking(let rows, let limit, let since) = batch.phase
        else {
            return
        }
        switch answer {
        case .failure(let error): self.fail(worker, error)
        case .success(let changes):
            let milliseconds = self.now.since(since) / .milliseconds(1)
            batch.prepared?.append(rows.map(\.columns), changes, keyLength: 1, limit: limit, milliseconds)
            batch.phase = .preparing
            self.workers[worker].batch = batch
            self.goOn(worker)
        }
    }

    // MARK: The transaction

    /// Works the batch on a copy, which takes the place of the database when its time is over; until then nobody else writes.
    private func transact(_ worker: Int) {
        guard var batch = self.workers[worker].batch,
            let place = self.settings.updates.firstIndex(where: { $0.name == batch.update })
        else { return }
        let waited = self.workers[worker].lockAskedAt.map { self.now.since($0) / .milliseconds(1) } ?? 0
        do {
            var next = self.store
            var elapsed = 0.0
            var record = try self.check(&next, batch, worker)
            let start = BatchStart(progress: try record.progress(), uptime: self.uptime)
            var table = VirtualTable(store: next, update: place)
            let work = try self.run(&batch, start, &table, &elapsed, worker)
            next = table.store
            let observation = batch.claim.observation(of: work, milliseconds: elapsed, lockWait: waited)
            _ = try record.take(work, batch.claim, observation, at: self.wallTime(of: worker))
            for row in work.skipped where self.mutant != .skippedForgotten { next.skip(row, by: place) }
            if self.mutant == .cursorLater { record.pending.progress = start.progress.json.encoded().text }
            next.save(record)
            batch.result = next
            batch.report = BatchReport(work, batch.claim, observation)
            self.workers[worker].batch = batch
            self.workers[worker].lastProgress[batch.update] =
                self.workers[worker].lastProgress[batch.update] ?? start.progress
            self.locker = .worker(worker, process: self.workers[worker].process)
            if self.mutant == .cursorFirst { self.commitProgress(record, worker) }
            let process = self.workers[worker].process
            self.schedule(after: elapsed + self.uniform(0.1...3), .commit(worker: worker, process: process))
        } catch {
            let error = error as? BackgroundUpdatesError ?? BackgroundUpdatesError(.failed, "\(error)")
            self.fail(worker, error)
        }
    }

    private func commitProgress(_ record: UpdateRecord, _ worker: Int) {
        let before = self.store
        self.store.save(record)
        self.ledger.committed(worker, before, self.store, self)
    }

    /// What every transaction of a batch begins with.
    private func check(_ next: inout VirtualStore, _ batch: VirtualBatch, _ worker: Int) throws -> UpdateRecord {
        let isEnabled = next.control.isEnabled
        if self.mutant == .disabledIgnored { next.control.isEnabled = true }
        // Whose the lease is, that is: it is nobody's while updates are disabled.
        if self.mutant != .fenceIgnored || !isEnabled {
            try next.control.assert(batch.claim.lease, for: batch.update, at: self.wallTime(of: worker))
        }
        next.control.isEnabled = isEnabled
        var record = try next.record(batch.update)
        if self.mutant == .pauseIgnored { record.state.standing = .active }
        if self.mutant == .cursorRemembered, let known = self.workers[worker].lastProgress[batch.update] {
            record.pending.progress = known.json.encoded().text
        }
        return record
    }

    private func run(
        _ batch: inout VirtualBatch,
        _ start: BatchStart,
        _ table: inout VirtualTable,
        _ elapsed: inout Double,
        _ worker: Int
    ) throws -> BatchWork {
        let spec = self.settings.updates[table.update]
        // A module's failures have been met before.
        if batch.prepared == nil, spec.isBroken || !self.isCalm && self.random.percent(spec.trouble) {
            throw BackgroundUpdatesError(.failed, "a constraint does not hold")
        }
        var work: BatchWork
        switch spec.kind {
        case .sql: work = self.walk(&batch, start, &table, &elapsed, spec, isStopping: self.workers[worker].isStopping)
        case .rows:
            guard let prepared = batch.prepared else { throw BackgroundUpdatesError(.failed, "nothing is prepared") }
            if self.mutant == .staleIgnored { table.remembered = prepared.steps.flatMap(\.rows) }
            elapsed = Double(prepared.pace.done) * spec.rowCost / 4
            let uptime = self.uptime + .milliseconds(Int64(elapsed))
            work = try prepared.apply(
                from: start,
                to: &table,
                keyLength: 1,
                totalItems: nil,
                uptime: { uptime }
            )
        case .index:
            elapsed = self.uniform(5...3000)
            table.store.indexes[table.update] += 1
            let step = BatchObservation.Step(rows: 1, milliseconds: elapsed)
            work = BatchWork(progress: start.progress, steps: [step], isFinished: true, totalItems: 1)
        }
        if self.mutant == .finishedEarly { work.isFinished = true }
        return work
    }

    /// As a declared statement goes over ranges of rows.
    private func walk(
        _ batch: inout VirtualBatch,
        _ start: BatchStart,
        _ table: inout VirtualTable,
        _ elapsed: inout Double,
        _ spec: UpdateSettings.Update,
        isStopping: Bool
    ) -> BatchWork {
        var run = StatementRun(pace: batch.claim.pace, cursor: start.progress.cursor)
        while !run.isFinished, let limit = run.pace.nextStep(elapsed: elapsed, isStopping: isStopping) {
            batch.rowsBeforeLastStep = run.pace.done
            batch.elapsedBeforeLastStep = elapsed
            let rows = Array(table.store.rows(after: run.cursor, limit: limit))
            for row in rows { table.mark(row.key, row.value) }
            // Now and then a step stalls.
            let noise = self.random.percent(3) ? self.uniform(5...20) : self.uniform(0.5...1.6)
            let cost = 0.1 + Double(rows.count) * spec.rowCost * noise
            elapsed += cost
            run.finishStep(keys: rows.map { [$0.key.databaseValue] }, limit: limit, milliseconds: cost)
        }
        return run.work(totalItems: nil)
    }

    func commit(_ worker: Int) {
        guard let batch = self.workers[worker].batch, let result = batch.result, var report = batch.report else {
            return
        }
        self.locker = nil
        let isTroubled = !self.isCalm && Int.random(in: 0..<1000, using: &self.random) < self.settings.commitTrouble
        let isCommitted = !isTroubled || self.random.percent(50)
        let before = self.store
        if isCommitted {
            self.store = result
            self.note(
                "\(self.workers[worker].owner) commits \(report.rows) rows of \(batch.update), \(report.isFinished ? "the last" : "not the last")"
            )
            self.digest(UInt64(report.rows))
            self.ledger.committed(worker, before, result, self)
        }
        guard !isTroubled else {
            return self.fail(worker, BackgroundUpdatesError(.failed, "the disk does not answer"))
        }
        self.workers[worker].lastProgress[batch.update] = (try? self.readProgress(batch.update)) ?? UpdateProgress()
        report.commitCost = self.uniform(0.1...3)
        self.workers[worker].commitCosts[batch.update] = report.isFinished ? nil : report.commitCost
        self.workers[worker].batch = nil
        self.ledger.worked(worker, report)
        self.happened(.worked(report), at: worker)
    }
}

extension VirtualStore {
    /// Keeps that a module could not do a row.
    fileprivate mutating func skip(_ row: SkippedRow, by update: Int) {
        guard let key = Optional(row.key).key else { return }
        let place = self.place(after: key) - 1
        guard place >= 0, self.rows[place].key == key else { return }
        self.rows[place].skippedBy.insert(update)
    }
}
