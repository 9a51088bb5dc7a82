internal import GRDB

/// What operators, and failures, change about updates. All of it is kept in the database.
extension UpdateStore {
    /// Keeps what is wrong with an update, and when it may be tried again.
    ///
    /// - Throws: ``BackgroundUpdatesError/Code/fenced`` when this worker has no say any more.
    func note(_ failure: FailureNote, of update: String, under lease: Lease) async throws {
        let now = self.clock.wallTime()
        try await self.write { db in
            try Control.change(db) { try $0.assert(lease, for: update, at: now) }
            guard try PendingUpdate.fetch(update, db) != nil else { return }
            var record = try UpdateRecord.fetch(update, db)
            if let event = record.take(failure, at: now) {
                try WorkerTables.record(event, of: update, at: now, db)
            }
            try record.state.save(db)
        }
    }

    /// Lets updates of this database run, or not; kept over restarts.
    func setEnabled(_ isEnabled: Bool) async throws {
        // Nothing has to be remembered to say what holds anyway.
        if try await self.view().control.isEnabled == isEnabled { return }
        let now = self.clock.wallTime()
        try await self.write { db in
            try WorkerTables.create(db)
            try db.execute(sql: "UPDATE \(WorkerTables.control) SET enabled = ?", arguments: [isEnabled])
            try WorkerTables.record(isEnabled ? "enabled" : "disabled", of: "", at: now, db)
        }
    }

    /// Changes what may be done with one pending update.
    ///
    /// - Throws: ``BackgroundUpdatesError/Code/unknownUpdate`` when it is not pending.
    func setStanding(_ standing: UpdateState.Standing, of update: String, event: String) async throws {
        let now = self.clock.wallTime()
        try await self.write { db in
            guard try PendingUpdate.fetch(update, db) != nil else {
                throw BackgroundUpdatesError(.unknownUpdate, "`\(update)` is not pending in `\(self.name)`")
            }
            try WorkerTables.create(db)
            var record = try UpdateRecord.fetch(update, db)
            record.set(standing, at: now)
            try record.state.save(db)
            try WorkerTables.record(event, of: update, at: now, db)
        }
    }

    /// Puts updates into the queue, all or none.
    ///
    /// - Throws: ``BackgroundUpdatesError/Code/invalidArgument`` when one of them is queued already.
    func enqueue(_ updates: [PendingUpdate], job: String) async throws {
        try await self.write { db in
            try Self.createQueue(db)
            for update in updates {
                guard try PendingUpdate.fetch(update.name, db) == nil else {
                    throw BackgroundUpdatesError(
                        .invalidArgument,
                        "Job \(job) is already in queue of background updates."
                    )
                }
                try db.execute(
                    sql: """
                        INSERT INTO background_updates (update_name, progress_json, depends_on, ordering)
                        VALUES (?, ?, ?, ?)
                        """,
                    arguments: [update.name, update.progress, update.dependsOn, update.ordering]
                )
            }
        }
    }

    private static func createQueue(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS background_updates (
                    update_name text NOT NULL,
                    progress_json text NOT NULL,
                    depends_on text, ordering INT NOT NULL DEFAULT 0,
                    CONSTRAINT background_updates_uniqueness UNIQUE (update_name)
                )
                """
        )
    }
}
