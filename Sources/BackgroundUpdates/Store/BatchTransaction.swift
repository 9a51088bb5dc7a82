internal import GRDB
internal import WireProtocol

/// What a worker claims when it commits a batch.
struct BatchClaim: Sendable {
    var lease: Lease
    var update: String
    var handler: UpdateKind
    var pace: BatchPace
    var bounds: BatchSizer.Bounds
    /// What the batch has cost before its transaction, step by step.
    var preparation: [BatchObservation.Step] = []
    /// How long the commit of this update's previous batch took, in milliseconds: that of this one cannot be known inside of it.
    var commitCost = 0.0
}

/// What a batch finds when its transaction has begun.
struct BatchStart: Sendable {
    var progress: UpdateProgress
    /// When the write lock was granted.
    var uptime: Duration
}

/// What a handler did within the transaction.
struct BatchWork: Sendable {
    var progress: UpdateProgress
    var steps: [BatchObservation.Step]
    /// Whether no row is left.
    var isFinished: Bool
    var isCut = false
    var skipped: [SkippedRow] = []
    /// How many rows there are in all, where it was counted.
    var totalItems: Int?
}

/// A row that a module could not do.
struct SkippedRow: Hashable, Sendable {
    var key: [DatabaseValue]
    var reason: String
}

/// A committed batch.
struct BatchReport: Hashable, Sendable {
    var rows: Int
    var milliseconds: Double
    var isFinished: Bool
    var isCut: Bool
    var skipped: Int
    var commitCost: Double
    var size: Int
}

/// The statements of a batch's transaction, each of which a crash may come before.
enum BatchStep: String, CaseIterable, Sendable {
    case begin, assertLease, readProgress, work, writeProgress, recordSkipped, writeState, commit, committed
}

extension UpdateStore {
    /// More rows than this are not skipped one by one: then something is wrong with the update.
    static let skippedMax = 10_000

    /// The one way to change a database on behalf of an update: the check of the lease, the rows, the cursor, the counters and the
    /// estimate are one transaction.
    ///
    /// After a crash the cursor is therefore that of the last committed batch, and every effect in the database happens exactly once.
    ///
    /// - Parameters:
    ///   - claim: Who commits what.
    ///   - work: Changes the rows after the cursor and says how far it came. It runs while the write lock is held.
    /// - Returns: What was committed.
    /// - Throws: ``BackgroundUpdatesError``: `fenced`, `gone` or `busy` when the batch may not happen; whatever `work` throws. Nothing was
    ///   written then.
    func commit(
        _ claim: BatchClaim,
        _ work: @Sendable (Database, BatchStart) throws -> BatchWork
    ) async throws -> BatchReport {
        let writer = try self.writer()
        return try await Self.translatingErrors {
            try await writer.writeWithoutTransaction { db in try self.commit(claim, db, work) }
        }
    }

    private func commit(
        _ claim: BatchClaim,
        _ db: Database,
        _ work: (Database, BatchStart) throws -> BatchWork
    ) throws -> BatchReport {
        let asked = self.clock.uptime()
        var begun = asked
        var worked = asked
        var report: BatchReport?
        try self.probe?(.begin)
        try db.inTransaction(.immediate) {
            begun = self.clock.uptime()
            try self.probe?(.assertLease)
            try claim.lease.assert(for: claim.update, at: self.clock.wallTime(), db)
            try self.probe?(.readProgress)
            let progress = try Self.progress(of: claim.update, db)
            try self.probe?(.work)
            let done = try work(db, BatchStart(progress: progress, uptime: begun))
            worked = self.clock.uptime()
            let lockWait = (begun - asked).milliseconds
            let observation = Self.observation(done, claim, milliseconds: (worked - begun).milliseconds, lockWait)
            report = try self.save(done, claim, observation, db)
            try self.probe?(.commit)
            return .commit
        }
        try self.probe?(.committed)
        guard var report else { throw BackgroundUpdatesError(.failed, "the transaction had no result") }
        report.commitCost = (self.clock.uptime() - worked).milliseconds
        return report
    }

    private static func progress(of update: String, _ db: Database) throws -> UpdateProgress {
        guard let pending = try PendingUpdate.fetch(update, db) else {
            throw BackgroundUpdatesError(.gone, "`\(update)` is not queued any more")
        }
        guard try UpdateState.fetchPending(update, db).standing == .active else {
            throw BackgroundUpdatesError(.fenced, "`\(update)` was paused; nothing of this batch was written")
        }
        return try UpdateProgress(json: pending.progress)
    }

    private static func observation(
        _ done: BatchWork,
        _ claim: BatchClaim,
        milliseconds: Double,
        _ lockWait: Double
    ) -> BatchObservation {
        let before = claim.preparation.reduce(0) { $0 + $1.milliseconds }
        return BatchObservation(
            steps: done.steps,
            milliseconds: milliseconds + before + claim.commitCost,
            lockWait: lockWait
        )
    }

    private func save(
        _ done: BatchWork,
        _ claim: BatchClaim,
        _ observation: BatchObservation,
        _ db: Database
    ) throws -> BatchReport {
        let now = self.clock.wallTime()
        var state = try UpdateState.fetchPending(claim.update, db)
        try self.probe?(.writeProgress)
        try Self.write(done, of: claim.update, db)
        try self.probe?(.recordSkipped)
        state.skipped += done.skipped.count
        try Self.record(done.skipped, of: state, at: now, db)
        if state.batches == 0 {
            state.startedAt = now
            try WorkerTables.record("started", of: claim.update, detail: claim.handler.rawValue, at: now, db)
        }
        state.note(done, claim, observation, at: now)
        if done.isFinished {
            try WorkerTables.record("finished", of: claim.update, detail: "\(state.items) rows", at: now, db)
        }
        try self.probe?(.writeState)
        try state.save(db)
        return BatchReport(
            rows: observation.rows,
            milliseconds: observation.milliseconds,
            isFinished: done.isFinished,
            isCut: done.isCut,
            skipped: done.skipped.count,
            commitCost: 0,
            size: claim.pace.size
        )
    }

    /// Completion takes the row out of the queue in the same transaction, so whoever depends on it becomes ready with it.
    private static func write(_ done: BatchWork, of update: String, _ db: Database) throws {
        if done.isFinished {
            try db.execute(sql: "DELETE FROM background_updates WHERE update_name = ?", arguments: [update])
        } else {
            try db.execute(
                sql: "UPDATE background_updates SET progress_json = ? WHERE update_name = ?",
                arguments: [done.progress.json.encoded().text, update]
            )
        }
        guard db.changesCount == 1 else {
            throw BackgroundUpdatesError(.gone, "the batch took `\(update)` itself out of the queue")
        }
    }

    private static func record(_ skipped: [SkippedRow], of state: UpdateState, at now: WallTime, _ db: Database) throws
    {
        guard state.skipped <= Self.skippedMax else {
            throw BackgroundUpdatesError(.definitive, "more than \(Self.skippedMax) rows would have to be skipped")
        }
        for row in skipped {
            try db.execute(
                sql: """
                    INSERT INTO \(WorkerTables.skipped) (update_name, key_json, reason, at_ms) VALUES (?, ?, ?, ?)
                    """,
                arguments: [
                    state.name, row.keyJSON.encoded().text, String(row.reason.prefix(WorkerTables.errorCharactersMax)),
                    now.milliseconds,
                ]
            )
        }
    }
}

extension UpdateState {
    /// Takes a batch into the counters and the estimate.
    fileprivate mutating func note(
        _ done: BatchWork,
        _ claim: BatchClaim,
        _ observation: BatchObservation,
        at now: WallTime
    ) {
        self.handler = claim.handler.rawValue
        self.totalItems = done.totalItems ?? self.totalItems
        self.count(items: observation.rows, milliseconds: observation.milliseconds)
        if !claim.handler.isOneShot {
            self.sizer.observe(observation, size: claim.pace.size, target: claim.pace.target, bounds: claim.bounds)
        }
        self.failures = 0
        self.retryAt = WallTime(milliseconds: 0)
        self.lastError = nil
        self.changedAt = now
        if done.isFinished { self.standing = .finished }
    }
}
