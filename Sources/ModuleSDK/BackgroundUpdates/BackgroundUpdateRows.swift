public import WireProtocol

/// Rows of a database that a background update is to look at.
public struct BackgroundUpdateRows: Sendable {
    /// The update's name in the queue.
    public let update: String
    /// The database as the operator's configuration names it.
    public let database: String
    /// Each row by column: the key and the columns that the update is declared with.
    public let rows: [JSONObject]

    public init(update: String, database: String, rows: [JSONObject]) {
        self.update = update
        self.database = database
        self.rows = rows
    }

    init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.update = try reader.string("update")
        self.database = try reader.string("database")
        var rows: [JSONObject] = []
        for (index, row) in (reader.value("rows").array ?? []).enumerated() {
            guard let row = row.object else { throw JSONError("rows[\(index)]: expected an object, found \(row.kind)") }
            rows.append(row)
        }
        self.rows = rows
    }
}

/// Turns rows into changes.
///
/// It may be asked about the same rows several times and answers the same then; it has no effects of its own. The platform applies the changes, each exactly
/// once, in one transaction with the progress of the update. An error it throws fails the batch, which is tried again.
public typealias BackgroundUpdateHandler = @Sendable (BackgroundUpdateRows) async throws -> BackgroundUpdateChanges
