internal import GRDB

/// The tables that the worker keeps beside the original's, in the same database.
///
/// They are made when a worker with a handler takes a database over for the first time, or when an operator tells it something
/// that has to be remembered. A database that is only looked at is not changed.
enum WorkerTables {
    /// One row: whether updates run, and who runs them.
    static let control = "ganglion_update_control"
    /// One row for each update that a worker has touched.
    static let state = "ganglion_update_state"
    /// What happened to updates, newest last.
    static let history = "ganglion_update_history"
    /// Rows that a module could not do, by key.
    static let skipped = "ganglion_update_skipped"

    static let historyMax = 10_000
    /// Longer errors are cut: they are for people, and each commit of a state writes one.
    static let errorCharactersMax = 2000

    static func exist(_ db: Database) throws -> Bool {
        try db.hasTable(Self.control)
    }

    static func create(_ db: Database) throws {
        guard try !Self.exist(db) else { return }
        try db.execute(
            sql: """
                CREATE TABLE \(Self.control) (
                    id INTEGER PRIMARY KEY CHECK (id = 1),
                    enabled INTEGER NOT NULL DEFAULT 1,
                    epoch INTEGER NOT NULL DEFAULT 0,
                    owner TEXT NOT NULL DEFAULT '',
                    until_ms INTEGER NOT NULL DEFAULT 0,
                    current_update TEXT NOT NULL DEFAULT ''
                );
                INSERT INTO \(Self.control) (id) VALUES (1);
                CREATE TABLE \(Self.state) (
                    update_name TEXT NOT NULL PRIMARY KEY,
                    handler TEXT NOT NULL DEFAULT '',
                    standing TEXT NOT NULL DEFAULT 'active',
                    items INTEGER NOT NULL DEFAULT 0,
                    batches INTEGER NOT NULL DEFAULT 0,
                    duration_ms REAL NOT NULL DEFAULT 0,
                    average_items REAL NOT NULL DEFAULT 0,
                    average_ms REAL NOT NULL DEFAULT 0,
                    total_items INTEGER,
                    skipped INTEGER NOT NULL DEFAULT 0,
                    sizer TEXT NOT NULL DEFAULT '{}',
                    failures INTEGER NOT NULL DEFAULT 0,
                    retry_at_ms INTEGER NOT NULL DEFAULT 0,
                    last_error TEXT,
                    started_ms INTEGER NOT NULL DEFAULT 0,
                    changed_ms INTEGER NOT NULL DEFAULT 0
                );
                CREATE TABLE \(Self.history) (
                    id INTEGER PRIMARY KEY,
                    at_ms INTEGER NOT NULL,
                    update_name TEXT NOT NULL,
                    event TEXT NOT NULL,
                    detail TEXT NOT NULL
                );
                CREATE TABLE \(Self.skipped) (
                    id INTEGER PRIMARY KEY,
                    update_name TEXT NOT NULL,
                    key_json TEXT NOT NULL,
                    reason TEXT NOT NULL,
                    at_ms INTEGER NOT NULL
                );
                """
        )
    }

    static func record(
        _ event: String,
        of update: String,
        detail: String = "",
        at now: WallTime,
        _ db: Database
    ) throws {
        try db.execute(
            sql: "INSERT INTO \(Self.history) (at_ms, update_name, event, detail) VALUES (?, ?, ?, ?)",
            arguments: [now.milliseconds, update, event, String(detail.prefix(Self.errorCharactersMax))]
        )
        try db.execute(
            sql: "DELETE FROM \(Self.history) WHERE id <= ?",
            arguments: [db.lastInsertedRowID - Int64(Self.historyMax)]
        )
    }

    static func record(_ event: UpdateEvent, of update: String, at now: WallTime, _ db: Database) throws {
        try Self.record(event.name, of: update, detail: event.detail, at: now, db)
    }
}
