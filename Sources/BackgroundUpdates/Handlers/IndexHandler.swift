internal import GRDB

/// Makes an index in one go, and drops the one that it replaces.
///
/// SQLite holds the write lock all the while.
struct IndexHandler: UpdateHandler, Hashable {
    var name: String
    var table: String
    var columns: [String]
    var isUnique = false
    /// Which rows the index is about, as SQL; nil for all.
    var condition: String?
    /// The index that is dropped afterwards.
    var replaced: String?

    var kind: UpdateKind { .index }

    func check(_ store: UpdateStore) async throws {
        try await store.read { db in
            db.clearSchemaCache()
            guard try db.hasTable(self.table) else {
                throw BackgroundUpdatesError(.invalidDeclaration, "there is no table `\(self.table)`")
            }
            try Keyset(table: self.table, columns: []).checkColumns(self.columns, db)
        }
    }

    func run(_ batch: BatchContext) async throws -> BatchReport {
        let clock = batch.store.clock
        return try await batch.store.commit(batch.claim) { db, start in
            try db.execute(sql: self.sql)
            if let replaced { try db.execute(sql: "DROP INDEX IF EXISTS \(SQLName.quoted(replaced))") }
            let milliseconds = (clock.uptime() - start.uptime).milliseconds
            return BatchWork(
                progress: start.progress,
                steps: [.init(rows: 1, milliseconds: milliseconds)],
                isFinished: true,
                totalItems: 1
            )
        }
    }

    var sql: String {
        let unique = self.isUnique ? "UNIQUE " : ""
        let condition = self.condition.map { " WHERE \($0)" } ?? ""
        return "CREATE \(unique)INDEX IF NOT EXISTS \(SQLName.quoted(self.name)) "
            + "ON \(SQLName.quoted(self.table)) (\(SQLName.list(self.columns)))\(condition)"
    }
}
