import Foundation
import GRDB

/// A database with events, a table to search in, and an update that fills one from the other.
struct EventsDatabase {
    /// What was found in the search table, and how often each row was written.
    struct Search: Equatable {
        var rows: [[String]]
        /// Rows that were inserted more than once, whatever became of them.
        var repeated: Int
    }

    /// The same events in every test, of different lengths, some of which are no messages.
    private static let schema = """
        CREATE TABLE events (
            stream_ordering INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, room_id TEXT NOT NULL, type TEXT NOT NULL,
            sender TEXT NOT NULL, origin_server_ts BIGINT NOT NULL, content TEXT NOT NULL
        );
        CREATE TABLE background_updates (
            update_name text NOT NULL, progress_json text NOT NULL, depends_on text, ordering INT NOT NULL DEFAULT 0,
            CONSTRAINT background_updates_uniqueness UNIQUE (update_name)
        );
        CREATE TABLE event_search (event_id TEXT NOT NULL PRIMARY KEY, room_id TEXT NOT NULL, words TEXT NOT NULL);
        CREATE TABLE written (event_id TEXT NOT NULL);
        CREATE TRIGGER note AFTER INSERT ON event_search BEGIN INSERT INTO written VALUES (new.event_id); END;
        """

    let path: String

    /// The database of a platform's folder.
    init(in folder: URL) {
        self.path = folder.appending(path: "run/data/main.db").path
    }

    /// Makes the database, with an update pending.
    func make(events: Int, update: String) throws {
        try DataFolder.make(for: self.path)
        try DatabaseQueue(path: self.path).write { db in
            try db.execute(sql: Self.schema)
            for number in 1...events { try Self.insert(number, db) }
            try db.execute(
                sql: "INSERT INTO background_updates (update_name, progress_json) VALUES (?, '{}')",
                arguments: [update]
            )
        }
    }

    private static func insert(_ number: Int, _ db: Database) throws {
        let type = number % 7 == 0 ? "m.reaction" : "m.room.message"
        let words = (0..<(number % 13 + 1)).map { "word\((number * 31 + $0 * 17) % 997)" }.joined(separator: " ")
        try db.execute(
            sql: "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                number, "$event\(number)", "!room\(number % 15):demo.local", type, "@user\(number % 40):demo.local",
                1_795_307_073_709 + number, "{\"msgtype\":\"m.text\",\"body\":\"Event \(number): \(words)\"}",
            ]
        )
    }

    /// How many rows the update has done; nil before a worker has taken it up.
    func items(of update: String) throws -> Int? {
        try self.read { db in
            guard try db.tableExists("ganglion_update_state") else { return nil }
            return try Int.fetchOne(
                db,
                sql: "SELECT items FROM ganglion_update_state WHERE update_name = ?",
                arguments: [update]
            )
        }
    }

    /// Whether nothing is pending any more.
    func isDone() throws -> Bool {
        try self.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM background_updates") == 0 }
    }

    /// The process that has the lease.
    func owner() throws -> String {
        try self.read { try String.fetchOne($0, sql: "SELECT owner FROM ganglion_update_control") ?? "" }
    }

    func search() throws -> Search {
        try self.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT event_id, room_id, words FROM event_search ORDER BY event_id")
            let repeated = try Int.fetchOne(db, sql: "SELECT count(*) - count(DISTINCT event_id) FROM written")
            return Search(rows: rows.map { row in (0..<3).map { row[$0] } }, repeated: repeated ?? 0)
        }
    }

    /// What the search table is to have in the end, computed in one go.
    func expected() throws -> Search {
        try self.read { db in
            let sql = """
                SELECT event_id, room_id, upper(json_extract(content, '$.body')) FROM events
                WHERE type = 'm.room.message' ORDER BY event_id
                """
            return Search(rows: try Row.fetchAll(db, sql: sql).map { row in (0..<3).map { row[$0] } }, repeated: 0)
        }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: self.path, configuration: configuration).read(body)
    }
}
