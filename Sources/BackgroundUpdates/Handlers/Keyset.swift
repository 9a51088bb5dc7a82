internal import GRDB

/// The rows of a table in the order of a unique key, walked in ranges.
///
/// A range goes from one row's key to another's: `(a, b) > (:low_1, :low_2) AND (a, b) <= (:high_1, :high_2)`. That is the same for
/// integers, texts and keys of several columns, never skips a row that stays where it is, and needs no offsets.
struct Keyset: Hashable, Sendable {
    var table: String
    /// Unique together, and never null.
    var columns: [String]
    /// Which rows the update is about, as SQL; nil for all.
    var condition: String?

    typealias Key = [DatabaseValue]

    /// The condition that a row lies in a range, with the arguments of ``arguments(low:high:)``.
    ///
    /// - Parameters:
    ///   - hasLow: Whether the range begins after a row; else it begins at the first.
    ///   - hasHigh: Whether it ends with a row; else it has no end.
    ///   - alias: What the statement calls the table, if not by its name.
    /// - Returns: SQL in parentheses.
    func range(hasLow: Bool, hasHigh: Bool, alias: String? = nil) -> String {
        let prefix = alias.map { "\($0)." } ?? ""
        let key = self.columns.map { prefix + SQLName.quoted($0) }.joined(separator: ", ")
        var parts: [String] = []
        if hasLow { parts.append("(\(key)) > (\(self.parameters("low")))") }
        if hasHigh { parts.append("(\(key)) <= (\(self.parameters("high")))") }
        return parts.isEmpty ? "(1)" : "(\(parts.joined(separator: " AND ")))"
    }

    private func parameters(_ bound: String) -> String {
        self.columns.indices.map { ":\(bound)_\($0 + 1)" }.joined(separator: ", ")
    }

    func arguments(low: Key?, high: Key?) -> StatementArguments {
        var values: [String: (any DatabaseValueConvertible)?] = [:]
        for (index, value) in (low ?? []).enumerated() { values["low_\(index + 1)"] = value }
        for (index, value) in (high ?? []).enumerated() { values["high_\(index + 1)"] = value }
        return StatementArguments(values)
    }

    /// The query for rows of a range, in the order of the key.
    func query(columns: [String], hasLow: Bool, hasHigh: Bool, limit: Int?) -> String {
        var sql = "SELECT \(SQLName.list(columns)) FROM \(SQLName.quoted(self.table))"
        sql += " WHERE \(self.range(hasLow: hasLow, hasHigh: hasHigh))"
        if let condition { sql += " AND (\(condition))" }
        sql += " ORDER BY \(SQLName.list(self.columns))"
        if let limit { sql += " LIMIT \(limit)" }
        return sql
    }

    /// The rows after a key, at most `limit`.
    func rows(_ columns: [String], after low: Key?, limit: Int, _ db: Database) throws -> [Key] {
        let sql = self.query(columns: columns, hasLow: low != nil, hasHigh: false, limit: limit)
        return try self.fetch(sql, self.arguments(low: low, high: nil), db)
    }

    /// The rows of a range, at most `limit`.
    func rows(_ columns: [String], after low: Key?, to high: Key, limit: Int, _ db: Database) throws -> [Key] {
        let sql = self.query(columns: columns, hasLow: low != nil, hasHigh: true, limit: limit)
        return try self.fetch(sql, self.arguments(low: low, high: high), db)
    }

    private func fetch(_ sql: String, _ arguments: StatementArguments, _ db: Database) throws -> [Key] {
        let statement = try db.cachedStatement(sql: sql)
        return try Row.fetchAll(statement, arguments: arguments).map { Array($0.databaseValues) }
    }

    /// How many rows there are; nil when there are too many to count in passing.
    func count(_ db: Database) throws -> Int? {
        let rows = "SELECT 1 FROM \(SQLName.quoted(self.table)) WHERE (\(self.condition ?? "1")) LIMIT ?"
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM (\(rows))", arguments: [Self.countMax + 1]) ?? 0
        return count > Self.countMax ? nil : count
    }

    private static let countMax = 2_000_000
}

extension Keyset {
    /// Sees that the table is there and that the key walks every row exactly once.
    func check(_ db: Database) throws {
        db.clearSchemaCache()
        guard try db.hasTable(self.table) else {
            throw BackgroundUpdatesError(.invalidDeclaration, "there is no table `\(self.table)`")
        }
        try self.checkColumns(self.columns, db)
        guard try db.table(self.table, hasUniqueKey: self.columns) else {
            throw BackgroundUpdatesError(
                .invalidDeclaration,
                "`\(self.columns.joined(separator: ", "))` is no unique key of `\(self.table)`: "
                    + "name the columns of its primary key or of a unique index"
            )
        }
        // A row whose key is null is in no range.
        let isNull = self.columns.map { "\(SQLName.quoted($0)) IS NULL" }.joined(separator: " OR ")
        let sql = "SELECT EXISTS (SELECT 1 FROM \(SQLName.quoted(self.table)) WHERE \(isNull))"
        guard try Bool.fetchOne(db, sql: sql) == false else {
            throw BackgroundUpdatesError(
                .invalidDeclaration,
                "`\(self.table)` has rows whose `\(self.columns.joined(separator: ", "))` is null"
            )
        }
    }

    func checkColumns(_ columns: [String], _ db: Database) throws {
        let known = try db.columns(in: self.table).map { $0.name.lowercased() }
        for column in columns where !known.contains(column.lowercased()) {
            throw BackgroundUpdatesError(.invalidDeclaration, "the table `\(self.table)` has no column `\(column)`")
        }
    }
}
