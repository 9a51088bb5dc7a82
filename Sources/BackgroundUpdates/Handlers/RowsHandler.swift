internal import GRDB

/// Reads rows, has a module map them to changes, and applies the changes if the rows are still what the module saw.
///
/// While the module thinks nothing is locked: rows are read in one short transaction and written in another. In the second the rows
/// of each step are read again and compared. The steps before the first that differs are committed; that one is tried again with
/// the rows as they are now.
struct RowsHandler: UpdateHandler {
    /// How many rows a step has at least: each is a call to the module.
    ///
    /// Were a small batch worked in eight of them as others are, its rows would be thought to cost what the calls do, and each batch
    /// would be smaller than the one before.
    private static let rowsPerCallMin = 32

    var keyset: Keyset
    /// What the module sees; the key's columns are always among them.
    var columns: [String]
    var module: String
    var writable: Set<String>
    var mapper: any RowMapper

    var kind: UpdateKind { .rows }

    init(keyset: Keyset, columns: [String], module: String, writable: Set<String>, mapper: any RowMapper) {
        self.keyset = keyset
        self.columns = keyset.columns + columns.filter { !keyset.columns.contains($0) }
        self.module = module
        self.writable = writable
        self.mapper = mapper
    }

    func check(_ store: UpdateStore) async throws {
        try await store.read { db in
            try self.keyset.check(db)
            try self.keyset.checkColumns(self.columns, db)
            for table in self.writable.sorted() {
                guard try db.hasTable(table) else {
                    throw BackgroundUpdatesError(.invalidDeclaration, "there is no table `\(table)` to write to")
                }
            }
        }
    }

    func run(_ batch: BatchContext) async throws -> BatchReport {
        let prepared = try await self.prepare(batch)
        let total = batch.isCounted ? nil : try await batch.store.read { try self.keyset.count($0) }
        var claim = batch.claim
        claim.preparation = prepared.steps.map(\.cost)
        return try await batch.store.commit(claim) { db, start in
            guard start.progress == prepared.progress else {
                throw BackgroundUpdatesError(.stale, "the update went on elsewhere while the module thought")
            }
            return try self.apply(prepared, from: start, clock: batch.store.clock, totalItems: total, db)
        }
    }

    // MARK: Outside of the transaction

    private func prepare(_ batch: BatchContext) async throws -> PreparedRows {
        let clock = batch.store.clock
        let update = batch.claim.update
        let progress = try await batch.store.read { db -> UpdateProgress in
            guard let pending = try PendingUpdate.fetch(update, db) else {
                throw BackgroundUpdatesError(.gone, "`\(update)` is not queued any more")
            }
            return try UpdateProgress(json: pending.progress)
        }
        var prepared = PreparedRows(progress: progress, pace: batch.claim.pace)
        prepared.pace.stepMinimum = Self.rowsPerCallMin
        let start = clock.uptime()
        var began = start
        while !prepared.hasReachedEnd,
            let limit = prepared.pace.nextStep(
                elapsed: (began - start).milliseconds,
                isStopping: batch.isStopping()
            )
        {
            let cursor = prepared.cursor
            let rows = try await batch.store.read {
                try self.keyset.rows(self.columns, after: cursor, limit: limit, $0)
            }
            let answer = rows.isEmpty ? RowChanges() : try await self.ask(rows, of: batch)
            let ended = clock.uptime()
            prepared.append(
                rows,
                answer,
                keyLength: self.keyset.columns.count,
                limit: limit,
                (ended - began).milliseconds
            )
            began = ended
        }
        return prepared
    }

    private func ask(_ rows: [[DatabaseValue]], of batch: BatchContext) async throws -> RowChanges {
        try await batch.keepLease()
        let question = RowsQuestion(
            update: batch.claim.update,
            database: batch.store.name,
            module: self.module,
            columns: self.columns,
            rows: rows
        )
        return try await self.mapper.changes(for: question, writable: self.writable)
    }

    // MARK: Within the transaction

    private func apply(
        _ prepared: PreparedRows,
        from start: BatchStart,
        clock: any WorkerClock,
        totalItems: Int?,
        _ db: Database
    ) throws -> BatchWork {
        var cursor = prepared.progress.cursor
        var costs: [BatchObservation.Step] = []
        var skipped: [SkippedRow] = []
        var began = start.uptime
        for step in prepared.steps {
            guard try self.isUnchanged(step, after: cursor, db) else { break }
            for change in step.answer.changes { try change.apply(db) }
            skipped += step.skippedRows(keyLength: self.keyset.columns.count)
            let ended = clock.uptime()
            costs.append(step.cost.adding(milliseconds: (ended - began).milliseconds))
            began = ended
            cursor = step.high ?? cursor
        }
        let isWhole = costs.count == prepared.steps.count
        guard isWhole || !costs.isEmpty else {
            throw BackgroundUpdatesError(.stale, "rows changed while the module thought about them")
        }
        return BatchWork(
            progress: UpdateProgress(cursor: cursor),
            steps: costs,
            isFinished: try isWhole && prepared.hasReachedEnd && self.isEnd(cursor, db),
            isCut: prepared.pace.isCut || !isWhole,
            skipped: skipped,
            totalItems: totalItems
        )
    }

    private func isUnchanged(_ step: PreparedRows.Step, after cursor: Keyset.Key?, _ db: Database) throws -> Bool {
        guard let high = step.high else { return true }
        // One row more than there were, so that a new row within the range is seen.
        return try self.keyset.rows(self.columns, after: cursor, to: high, limit: step.rows.count + 1, db) == step.rows
    }

    /// Whether still no row follows.
    private func isEnd(_ cursor: Keyset.Key?, _ db: Database) throws -> Bool {
        try self.keyset.rows(self.keyset.columns, after: cursor, limit: 1, db).isEmpty
    }
}
