internal import GRDB
internal import WireProtocol

/// Whoever turns rows into changes: a module, over the bus.
protocol RowMapper: Sendable {
    /// What should change for these rows.
    ///
    /// - Parameters:
    ///   - question: The rows.
    ///   - writable: The tables that may be changed.
    /// - Returns: Changes of these tables only.
    /// - Throws: ``BackgroundUpdatesError``: `unavailable` when nobody can be asked now, `failed` or `definitive` when the answer is of no use.
    func changes(for question: RowsQuestion, writable: Set<String>) async throws -> RowChanges
}

/// Rows that a module is asked about.
struct RowsQuestion: Sendable {
    var update: String
    var database: String
    /// The module that is asked.
    var module: String
    var columns: [String]
    var rows: [[DatabaseValue]]

    /// `{"update", "database", "rows": [{column: value}]}`.
    var json: JSONValue {
        [
            "update": .string(self.update),
            "database": .string(self.database),
            "rows": .array(
                self.rows.map { row in
                    var object = JSONObject()
                    for (column, value) in zip(self.columns, row) { object[column] = JSONValue(value) }
                    return .object(object)
                }
            ),
        ]
    }
}
