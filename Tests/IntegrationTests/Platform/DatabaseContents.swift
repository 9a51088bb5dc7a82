import Foundation
import GRDB

/// All that is in a database, to compare it with what is in it later.
struct DatabaseContents: Sendable {
    /// What the schema has: tables, indices and triggers, each with its name and its statement.
    let schema: Set<[DatabaseValue]>
    /// The rows of each table that has any of its own: what a virtual table has is in the tables that it is kept in.
    let rows: [String: [[DatabaseValue]]]

    init(of file: URL) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        (self.schema, self.rows) = try DatabaseQueue(path: file.path, configuration: configuration).read { db in
            let schema = try Row.fetchAll(db, sql: "SELECT type, tbl_name, name, sql FROM sqlite_master")
            let tables = try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL TABLE%'"
            )
            let rows = try tables.map { table in
                // In the order of the table itself, whatever indices there are.
                try (
                    table,
                    Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\" NOT INDEXED").map { Array($0.databaseValues) }
                )
            }
            return (Set(schema.map { Array($0.databaseValues) }), Dictionary(uniqueKeysWithValues: rows))
        }
    }

    /// The tables of earlier contents whose rows are not what they were.
    func tablesChanged(since before: DatabaseContents) -> Set<String> {
        Set(before.rows.filter { self.rows[$0.key] != $0.value }.keys)
    }

    /// The tables that earlier contents did not have.
    func tablesAdded(since before: DatabaseContents) -> Set<String> {
        Set(self.rows.keys).subtracting(before.rows.keys)
    }

    /// The indices and triggers that earlier contents did not have on one of their tables.
    func schemaAdded(since before: DatabaseContents) -> Set<String> {
        let added = self.schema.subtracting(before.schema).filter { entry in
            String.fromDatabaseValue(entry[1]).map { before.rows[$0] != nil } ?? true
        }
        return Set(added.map { String.fromDatabaseValue($0[2]) ?? "" })
    }
}
