internal import GRDB

/// Reads rows, has a module map them to changes, and applies the changes if the rows are still what the module saw.
///
/// While the module thinks nothing is locked: rows are read in one short transaction and written in another. In the second the rows
/// of each step are read again and compared. The steps before the first that differs are committed; that one is tried again with
/// the rows as they are now.
struct RowsHandler: UpdateHandler {
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
            var table = KeyedTable(keyset: self.keyset, columns: self.columns, db: db)
            return try prepared.apply(
                from: start,
                to: &table,
                keyLength: self.keyset.columns.count,
                totalItems: total,
                uptime: batch.store.clock.uptime
            )
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
}

/// The rows of a table within a transaction.
private struct KeyedTable: BatchRows {
    let keyset: Keyset
    let columns: [String]
    let db: Database

    func rows(after low: [DatabaseValue]?, to high: [DatabaseValue], limit: Int) throws -> [[DatabaseValue]] {
        try self.keyset.rows(self.columns, after: low, to: high, limit: limit, self.db)
    }

    func isEnd(_ cursor: [DatabaseValue]?) throws -> Bool {
        try self.keyset.rows(self.keyset.columns, after: cursor, limit: 1, self.db).isEmpty
    }

    func apply(_ change: RowChange) throws {
        try change.apply(self.db)
    }
}
