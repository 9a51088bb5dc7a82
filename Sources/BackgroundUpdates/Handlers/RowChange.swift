package import GRDB

/// One change to one table.
package struct RowChange: Hashable, Sendable {
    /// A column and its value; in the order in which the module gave them.
    package struct Field: Hashable, Sendable {
        package var column: String
        package var value: DatabaseValue

        package init(column: String, value: DatabaseValue) {
            self.column = column
            self.value = value
        }
    }

    package enum Action: Hashable, Sendable {
        case set([Field], key: [Field])
        case insert([Field])
        case delete(key: [Field])
    }

    package var table: String
    package var action: Action

    package init(table: String, action: Action) {
        self.table = table
        self.action = action
    }
}

/// A module's answer: what to change, and which of the rows it could not do.
package struct RowChanges: Hashable, Sendable {
    package var changes: [RowChange] = []
    /// The place of a row in the question, from 0, and why it is left out.
    package var skipped: [Int: String] = [:]

    package init(changes: [RowChange] = [], skipped: [Int: String] = [:]) {
        self.changes = changes
        self.skipped = skipped
    }

    /// An answer with more changes is refused, so that one batch's transaction stays short.
    static let changesMax = 100_000
}

extension RowChange {
    func apply(_ db: Database) throws {
        let table = SQLName.quoted(self.table)
        switch self.action {
        case .insert(let fields):
            let columns = SQLName.list(fields.map(\.column))
            let places = Array(repeating: "?", count: fields.count).joined(separator: ", ")
            try self.execute("INSERT INTO \(table) (\(columns)) VALUES (\(places))", fields, db)
        case .set(let fields, let key):
            let values = fields.map { "\(SQLName.quoted($0.column)) = ?" }.joined(separator: ", ")
            try self.execute("UPDATE \(table) SET \(values) WHERE \(Self.condition(key))", fields + key, db)
        case .delete(let key):
            try self.execute("DELETE FROM \(table) WHERE \(Self.condition(key))", key, db)
        }
    }

    private func execute(_ sql: String, _ fields: [Field], _ db: Database) throws {
        try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(fields.map(\.value)))
    }

    /// `IS` finds null as well, and uses an index like `=` does.
    private static func condition(_ key: [Field]) -> String {
        key.map { "\(SQLName.quoted($0.column)) IS ?" }.joined(separator: " AND ")
    }
}
