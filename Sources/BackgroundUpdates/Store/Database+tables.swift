internal import GRDB

extension Database {
    /// Whether there is a table, asked of the database itself.
    ///
    /// GRDB remembers the schema of each connection, and other processes make tables meanwhile.
    func hasTable(_ name: String) throws -> Bool {
        let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE)"
        return try Bool.fetchOne(self, sql: sql, arguments: [name]) ?? false
    }
}
