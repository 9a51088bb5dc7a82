internal import GRDB
internal import WireProtocol

/// What the worker knows about one update beside the update's progress.
package struct UpdateState: Hashable, Sendable {
    /// What may be done with it.
    package enum Standing: String, Sendable {
        case active
        /// An operator stopped it.
        case paused
        /// It failed too often; the others go on without it.
        case setAside = "set_aside"
        case finished
    }

    package var name: String
    package var handler = ""
    package var standing = Standing.active
    /// Rows looked at, in committed batches.
    package var items = 0
    package var batches = 0
    package var milliseconds = 0.0
    /// Moving averages with the original's weight, from 0.
    package var averageItems = 0.0
    package var averageMilliseconds = 0.0
    /// How many rows there were when it began, where that was counted.
    package var totalItems: Int?
    package var skipped = 0
    package var sizer = BatchSizer()
    /// Failures in a row.
    package var failures = 0
    package var retryAt = WallTime(milliseconds: 0)
    package var lastError: String?
    package var startedAt = WallTime(milliseconds: 0)
    package var changedAt = WallTime(milliseconds: 0)

    package init(name: String) {
        self.name = name
    }

    /// Rows a millisecond of work, lately; nil before the first row.
    package var averageItemsPerMillisecond: Double? {
        guard self.items > 0 else { return nil }
        return self.averageMilliseconds > 0 ? self.averageItems / self.averageMilliseconds : 0
    }

    package mutating func count(items: Int, milliseconds: Double) {
        self.items += items
        self.batches += 1
        self.milliseconds += milliseconds
        self.averageItems += 0.1 * (Double(items) - self.averageItems)
        self.averageMilliseconds += 0.1 * (milliseconds - self.averageMilliseconds)
    }
}

extension UpdateState {
    init(_ row: Row) {
        self.init(name: row["update_name"])
        self.handler = row["handler"]
        self.standing = Standing(rawValue: row["standing"]) ?? .active
        self.items = row["items"]
        self.batches = row["batches"]
        self.milliseconds = row["duration_ms"]
        self.averageItems = row["average_items"]
        self.averageMilliseconds = row["average_ms"]
        self.totalItems = row["total_items"]
        self.skipped = row["skipped"]
        let sizer: String = row["sizer"]
        self.sizer = BatchSizer(restoring: (try? JSONValue(parsing: sizer)) ?? .null)
        self.failures = row["failures"]
        self.retryAt = WallTime(milliseconds: row["retry_at_ms"])
        self.lastError = row["last_error"]
        self.startedAt = WallTime(milliseconds: row["started_ms"])
        self.changedAt = WallTime(milliseconds: row["changed_ms"])
    }

    static func fetchAll(_ db: Database) throws -> [String: Self] {
        let rows = try Row.fetchAll(db, sql: "SELECT * FROM \(WorkerTables.state)")
        return Dictionary(rows.map { ($0["update_name"], Self($0)) }) { first, _ in first }
    }

    /// The state of a pending update; a new one when it was never touched, or is queued again after it was finished.
    static func fetchPending(_ name: String, _ db: Database) throws -> Self {
        let sql = "SELECT * FROM \(WorkerTables.state) WHERE update_name = ?"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [name]) else { return Self(name: name) }
        let state = Self(row)
        return state.standing == .finished ? Self(name: name) : state
    }

    func save(_ db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO \(WorkerTables.state) (
                    update_name, handler, standing, items, batches, duration_ms, average_items, average_ms, total_items,
                    skipped, sizer, failures, retry_at_ms, last_error, started_ms, changed_ms
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                self.name, self.handler, self.standing.rawValue, self.items, self.batches, self.milliseconds,
                self.averageItems, self.averageMilliseconds, self.totalItems, self.skipped,
                self.sizer.json.encoded().text, self.failures, self.retryAt.milliseconds,
                self.lastError.map { String($0.prefix(WorkerTables.errorCharactersMax)) },
                self.startedAt.milliseconds, self.changedAt.milliseconds,
            ]
        )
    }
}
