import CallLoad
import GRDB
import MessageBus
import ModuleSDK
import WireProtocol

/// Fills the search table as the worker and the module `search-index` do together, with the module's own code and in the same
/// batches: without a bus, without JSON, and without reading the rows twice.
struct EventIndexing {
    private static let columns = ["stream_ordering", "event_id", "room_id", "content"]
    private let database: DatabaseQueue
    private let query: String
    private let batches: [Int]
    private let indexer = EventIndexer(table: "event_search")

    /// - Parameters:
    ///   - database: Where the events are.
    ///   - condition: Which of them are indexed, in SQL.
    ///   - batches: How many rows each batch has; if more rows are left, the last one is repeated.
    init(_ database: DatabaseQueue, where condition: String, batches: [Int]) {
        self.database = database
        self.query = """
            SELECT \(Self.columns.joined(separator: ", ")) FROM events
            WHERE stream_ordering > ? AND (\(condition)) ORDER BY stream_ordering LIMIT ?
            """
        self.batches = batches
    }

    func run() throws -> LoadSummary {
        var batches = self.batches[...]
        var size = batches.first ?? 100
        var cursor: Int64? = 0
        var rows = 0
        var nanoseconds: [UInt32] = []
        let began = MonotonicTime.now()
        while let last = cursor {
            size = batches.popFirst() ?? size
            let batchBegan = MonotonicTime.now()
            let (count, high) = try self.batch(after: last, size)
            nanoseconds.append(UInt32(clamping: Int64(MonotonicTime.now().since(batchBegan) / .nanoseconds(1))))
            rows += count
            cursor = high
        }
        return try LoadSummary(calls: rows, nanoseconds: nanoseconds, duration: MonotonicTime.now().since(began))
    }

    /// - Returns: How many rows there were, and the last one's key if more may follow.
    private func batch(after low: Int64, _ size: Int) throws -> (count: Int, high: Int64?) {
        try self.database.writeWithoutTransaction { db in
            var result: (Int, Int64?) = (0, nil)
            try db.inTransaction(.immediate) {
                let rows = try Row.fetchAll(db.cachedStatement(sql: self.query), arguments: [low, size])
                let changes = self.indexer.changes(for: rows.map(Self.object)).json
                for change in changes["changes"]?.array ?? [] {
                    try RowChange(change).apply(db)
                }
                let high: Int64? = rows.count == size ? rows.last?["stream_ordering"] : nil
                result = (rows.count, high)
                return .commit
            }
            return result
        }
    }

    private static func object(_ row: Row) -> JSONObject {
        var object = JSONObject()
        for (column, value) in row { object[column] = JSONValue(value) }
        return object
    }
}
