internal import GRDB
internal import WireProtocol

/// The statements of a batch's transaction, each of which a crash may come before.
enum BatchStep: String, CaseIterable, Sendable {
    case begin, assertLease, readProgress, work, writeProgress, recordSkipped, writeState, commit, committed
}

extension UpdateStore {
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
            try Control.change(db) {
                try $0.assert(claim.lease, for: claim.update, at: self.clock.wallTime())
            }
            try self.probe?(.readProgress)
            var record = try UpdateRecord.fetch(claim.update, db)
            let progress = try record.progress()
            try self.probe?(.work)
            let done = try work(db, BatchStart(progress: progress, uptime: begun))
            worked = self.clock.uptime()
            let observation = claim.observation(
                of: done,
                milliseconds: (worked - begun).milliseconds,
                lockWait: (begun - asked).milliseconds
            )
            let events = try record.take(done, claim, observation, at: self.clock.wallTime())
            try self.save(record, done, events, db)
            report = BatchReport(done, claim, observation)
            try self.probe?(.commit)
            return .commit
        }
        try self.probe?(.committed)
        guard var report else { throw BackgroundUpdatesError(.failed, "the transaction had no result") }
        report.commitCost = (self.clock.uptime() - worked).milliseconds
        return report
    }

    private func save(_ record: UpdateRecord, _ done: BatchWork, _ events: [UpdateEvent], _ db: Database) throws {
        let now = record.state.changedAt
        try self.probe?(.writeProgress)
        try Self.write(done, of: record.state.name, db)
        try self.probe?(.recordSkipped)
        try Self.record(done.skipped, of: record.state, at: now, db)
        for event in events { try WorkerTables.record(event, of: record.state.name, at: now, db) }
        try self.probe?(.writeState)
        try record.state.save(db)
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
