import Foundation
import GRDB

/// The database of a homeserver, as small as it can be: events, a queue of background updates, and a table to search in.
struct EventDatabase {
    /// Each is that of the original, with the columns that are used here.
    private static let schema = """
        CREATE TABLE IF NOT EXISTS events (
            stream_ordering INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, room_id TEXT NOT NULL, type TEXT NOT NULL,
            sender TEXT NOT NULL, origin_server_ts BIGINT NOT NULL, content TEXT NOT NULL
        );
        CREATE TABLE IF NOT EXISTS background_updates (
            update_name text NOT NULL, progress_json text NOT NULL, depends_on text, ordering INT NOT NULL DEFAULT 0,
            CONSTRAINT background_updates_uniqueness UNIQUE (update_name)
        );
        CREATE TABLE IF NOT EXISTS event_search (
            event_id TEXT NOT NULL PRIMARY KEY, room_id TEXT NOT NULL, words TEXT NOT NULL
        );
        """

    private let queue: DatabaseQueue

    /// Opens a database, making what is missing of it.
    init(_ file: String) throws {
        let folder = URL(filePath: file).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var configuration = Configuration()
        // A worker may be at it.
        configuration.busyMode = .timeout(5)
        self.queue = try DatabaseQueue(path: file, configuration: configuration)
    }

    /// Adds the events that are not there yet and queues their indexing, all or nothing.
    ///
    /// - Returns: How many were new.
    func add(_ events: [RecordedEvent], queueing update: String) throws -> Int {
        try self.queue.write { db in
            try db.execute(sql: Self.schema)
            let last = try Int64.fetchOne(db, sql: "SELECT max(stream_ordering) FROM events")
            var added = 0
            for event in events {
                try db.execute(
                    sql: """
                        INSERT OR IGNORE INTO events (event_id, room_id, type, sender, origin_server_ts, content)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [event.id, event.room, event.type, event.sender, event.time, event.content]
                )
                added += db.changesCount
            }
            if added > 0 { try Self.enqueue(update, after: last, db) }
            return added
        }
    }

    /// What was there before is indexed, or is being indexed: then the update is queued already and finds the new ones by itself.
    private static func enqueue(_ update: String, after last: Int64?, _ db: Database) throws {
        let progress = last.map { "{\"ganglion\":1,\"cursor\":[\($0)]}" } ?? "{}"
        try db.execute(
            sql: "INSERT OR IGNORE INTO background_updates (update_name, progress_json) VALUES (?, ?)",
            arguments: [update, progress]
        )
    }
}
