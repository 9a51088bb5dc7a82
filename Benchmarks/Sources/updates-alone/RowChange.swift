import GRDB
import WireProtocol

/// One change that a module asks for (`docs/background-updates.md` §5), as far as an index of events needs it.
struct RowChange {
    private let sql: String
    private let arguments: StatementArguments

    struct Unknown: Error {
        let change: JSONValue
    }

    init(_ json: JSONValue) throws {
        guard let table = json["table"]?.string else { throw Unknown(change: json) }
        if let values = json["insert"]?.object {
            let places = Array(repeating: "?", count: values.count).joined(separator: ", ")
            self.sql = "INSERT INTO \(table) (\(values.keys.joined(separator: ", "))) VALUES (\(places))"
            self.arguments = Self.arguments(values)
        } else if let key = json["delete"]?.object {
            self.sql = "DELETE FROM \(table) WHERE \(key.keys.map { "\($0) IS ?" }.joined(separator: " AND "))"
            self.arguments = Self.arguments(key)
        } else {
            throw Unknown(change: json)
        }
    }

    private static func arguments(_ values: JSONObject) -> StatementArguments {
        StatementArguments(values.map { $0.value.string })
    }

    func apply(_ db: Database) throws {
        try db.cachedStatement(sql: self.sql).execute(arguments: self.arguments)
    }
}

extension JSONValue {
    /// What SQLite has; it has no other kinds in these columns.
    init(_ value: DatabaseValue) {
        switch value.storage {
        case .int64(let number): self = .integer(number)
        case .string(let text): self = .string(text)
        default: self = .null
        }
    }
}
