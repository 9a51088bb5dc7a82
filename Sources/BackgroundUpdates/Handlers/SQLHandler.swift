internal import GRDB

/// Runs a declared statement over one range of keys after another.
struct SQLHandler: UpdateHandler, Hashable {
    var keyset: Keyset
    var statement: RangeStatement

    var kind: UpdateKind { .sql }

    func check(_ store: UpdateStore) async throws {
        try await store.read { db in
            try self.keyset.check(db)
            for hasLow in [false, true] {
                let statement = try db.makeStatement(sql: self.statement.sql(over: self.keyset, hasLow: hasLow))
                guard !statement.isReadonly else {
                    throw BackgroundUpdatesError(.invalidDeclaration, "its statement changes nothing")
                }
            }
        }
    }

    func run(_ batch: BatchContext) async throws -> BatchReport {
        let isStopping = batch.isStopping
        let clock = batch.store.clock
        let total = batch.isCounted ? nil : try await batch.store.read { try self.keyset.count($0) }
        let pace = batch.claim.pace
        return try await batch.store.commit(batch.claim) { db, start in
            var run = StatementRun(pace: pace, cursor: start.progress.cursor)
            var began = start.uptime
            while !run.isFinished,
                let limit = run.pace.nextStep(
                    elapsed: (began - start.uptime).milliseconds,
                    isStopping: isStopping()
                )
            {
                let rows = try self.step(from: run.cursor, limit: limit, db)
                let ended = clock.uptime()
                run.finishStep(keys: rows, limit: limit, milliseconds: (ended - began).milliseconds)
                began = ended
            }
            return run.work(totalItems: total)
        }
    }

    /// Changes the next rows and returns their keys.
    private func step(from cursor: Keyset.Key?, limit: Int, _ db: Database) throws -> [Keyset.Key] {
        let keys = try self.keyset.rows(self.keyset.columns, after: cursor, limit: limit, db)
        guard let last = keys.last else { return [] }
        let statement = try db.cachedStatement(sql: self.statement.sql(over: self.keyset, hasLow: cursor != nil))
        try statement.execute(arguments: self.keyset.arguments(low: cursor, high: last))
        return keys
    }
}
