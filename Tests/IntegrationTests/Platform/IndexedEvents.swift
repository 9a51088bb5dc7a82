import Foundation
import GRDB
import Testing

/// A database that `sample-events` has made, and what an update has done in it.
struct IndexedEvents {
    /// What is left behind by an update: the same, whoever died meanwhile.
    struct Outcome: Equatable {
        var rows: [[String]]
        /// The events that were written, each as often as it was, whatever became of the row.
        var written: [String]
        /// How many rows the worker counts as done.
        var items: Int
    }

    /// Notes what the search table alone does not tell: a row that is written twice looks like one that is written once.
    private static let notes = """
        CREATE TABLE written (event_id TEXT NOT NULL);
        CREATE TRIGGER note AFTER INSERT ON event_search BEGIN INSERT INTO written VALUES (new.event_id); END;
        CREATE TABLE cursors (number INTEGER PRIMARY KEY, cursor INTEGER NOT NULL);
        CREATE TRIGGER note_cursor AFTER UPDATE OF progress_json ON background_updates BEGIN
            INSERT INTO cursors (cursor) VALUES (json_extract(new.progress_json, '$.cursor[0]'));
        END;
        """

    /// The modules that index them in small batches with rests between: an update that takes long enough to be met at work.
    static let slowModules = """
          - module: pacer
            run: ["pacer-module"]
            config: { duration_ms: 40, sleep_ms: 30, default_batch_size: 5, min_batch_size: 5, busy: { sleep_ms: 0 } }
          - module: search-index
            run: ["search-index-module"]
        """

    /// The part of a configuration that has them indexed by the module `search-index`.
    ///
    /// - Parameter condition: Which of them; all when left out.
    /// - Returns: YAML.
    static func databases(where condition: String? = nil) -> String {
        """
        databases:
          main:
            sqlite: run/data/main.db
            updates:
              index_events:
                rows:
                  table: events
                  key: [stream_ordering]
                  columns: [event_id, room_id, content]
                  module: search-index
                  writes: [event_search]
        """ + (condition.map { "\n          where: \"\($0)\"" } ?? "")
    }

    let path: String

    init(in folder: URL) {
        self.path = folder.appending(path: "run/data/main.db").path
    }

    /// Has the sample's events in the database of a platform's folder.
    static func importSample(into folder: URL) throws {
        try Self(in: folder).importSample()
    }

    private func importSample() throws {
        try DataFolder.make(for: self.path)
        let sample = Checkout.root.appending(path: "data/matrix/sample-calls.jsonl").path
        let command = Process()
        command.executableURL = URL(filePath: Executables.path(of: "sample-events"))
        command.arguments = [sample, self.path]
        try command.run()
        command.waitUntilExit()
        #expect(command.terminationStatus == 0)
        try DatabaseQueue(path: self.path).write { try $0.execute(sql: Self.notes) }
    }

    /// The events with a text.
    func expected() throws -> [String] {
        try self.strings(
            """
            SELECT event_id FROM events WHERE json_type(content, '$.body') = 'text' ORDER BY event_id
            """
        )
    }

    /// The events that were written, each as often as it was.
    func indexed() throws -> [String] {
        try self.strings("SELECT event_id FROM written ORDER BY event_id")
    }

    func isDone() throws -> Bool {
        try self.strings("SELECT update_name FROM background_updates").isEmpty
    }

    /// The keys of the rows that commits ended with, oldest first.
    func cursors() throws -> [Int] {
        try self.read { try Int.fetchAll($0, sql: "SELECT cursor FROM cursors ORDER BY number") }
    }

    /// The key that the next batch begins behind, as the queue has it; nil before the first commit.
    func queuedCursor() throws -> Int? {
        try self.read {
            try Int.fetchOne($0, sql: "SELECT json_extract(progress_json, '$.cursor[0]') FROM background_updates")
        }
    }

    /// The process that has the lease; nil when none has.
    func owner() throws -> Int32? {
        // `<host>:<process>:<incarnation>`
        let parts = try self.strings("SELECT owner FROM ganglion_update_control").first?.split(separator: ":") ?? []
        return parts.count == 3 ? Int32(parts[1]) : nil
    }

    func outcome() throws -> Outcome {
        try self.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT event_id, room_id, words FROM event_search ORDER BY event_id")
            return Outcome(
                rows: rows.map { row in (0..<3).map { row[$0] } },
                written: try String.fetchAll(db, sql: "SELECT event_id FROM written ORDER BY event_id"),
                items: try Int.fetchOne(db, sql: "SELECT sum(items) FROM ganglion_update_state") ?? 0
            )
        }
    }

    private func strings(_ sql: String) throws -> [String] {
        try self.read { try String.fetchAll($0, sql: sql) }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: self.path, configuration: configuration).read(body)
    }
}
