import Foundation

/// Many events in an SQLite file, made of those of the project's sample, and what is done with them.
struct EventDatabase {
    /// What a worker does with it; the names are those in the queue.
    enum Update: String {
        /// The original's update that finds the events with a URL.
        case sql = "event_contains_url"
        /// The example's that fills a table to search in.
        case rows = "index_events"

        /// How many rows it changes.
        var count: Int {
            switch self {
            case .sql: 200_000
            case .rows: 20_000
            }
        }

        /// Which rows those are.
        var condition: String { "stream_ordering <= \(self.count)" }

        /// Counts those that have been changed.
        fileprivate var counting: String {
            switch self {
            case .sql: "SELECT count(contains_url) FROM events"
            case .rows: "SELECT count(*) FROM event_search"
            }
        }
    }

    private let file: String
    private let program: String
    private let programs: Programs

    /// Makes the database.
    init(_ file: String, _ options: Options, _ programs: Programs) throws {
        self.file = file
        self.program = "\(options.products)/updates-alone"
        self.programs = programs
        let sample = "\(options.project)/data/matrix/sample-calls.jsonl"
        _ = try programs.run(["\(options.products)/sample-events", sample, file])
        _ = try self.execute(Self.growth)
    }

    /// The sample's messages, each as often as it takes, with ids of their own.
    private static let growth = """
        DELETE FROM background_updates;
        ALTER TABLE events ADD COLUMN contains_url BOOLEAN;
        CREATE TEMP TABLE sample AS SELECT * FROM events WHERE type = 'm.room.message' AND json_extract(content, '$.body') IS NOT NULL;
        DELETE FROM events;
        WITH RECURSIVE copies (copy) AS (
            SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy <= \(Update.sql.count) / (SELECT count(*) FROM sample)
        )
        INSERT INTO events (event_id, room_id, type, sender, origin_server_ts, content)
        SELECT event_id || copy, room_id, type, sender, origin_server_ts, content FROM copies, sample LIMIT \(Update.sql.count);
        """

    private static let statement = "UPDATE events SET contains_url = json_extract(content, '$.url') IS NOT NULL"

    /// What the platform's configuration says about it.
    var declarations: String {
        """
        databases:
          main:
            sqlite: "\(self.file)"
            updates:
              \(Update.sql.rawValue):
                sql: { table: events, key: [stream_ordering], statement: "\(Self.statement) WHERE {range}" }
              \(Update.rows.rawValue):
                rows:
                  table: events
                  key: [stream_ordering]
                  columns: [event_id, room_id, content]
                  where: "\(Update.rows.condition)"
                  module: search-index
                  writes: [event_search]
        """
    }

    /// As if no update had ever run.
    func reset() throws {
        _ = try self.execute("UPDATE events SET contains_url = NULL; DELETE FROM event_search")
    }

    func runStatement() throws -> LoadSummary {
        try self.execute(Self.statement)
    }

    func indexEvents(batches: [Int]) throws -> LoadSummary {
        let sizes = batches.map(String.init).joined(separator: ",")
        return try LoadSummary(self.programs.run([self.program, "rows", self.file, Update.rows.condition, sizes]))
    }

    private func execute(_ sql: String) throws -> LoadSummary {
        try LoadSummary(self.programs.run([self.program, "execute", self.file, sql]))
    }

    /// - Throws: When not every row was changed, or not as many were counted.
    func check(_ update: Update, _ summary: LoadSummary) throws {
        let output = try self.programs.run([self.program, "count", self.file, update.counting])
        let count = Int(output.trimmingCharacters(in: .whitespacesAndNewlines))
        guard count == update.count, summary.calls == update.count else {
            throw Program.Failure(
                description: """
                    \(update.rawValue): \(update.count) rows were to be changed, \(count ?? 0) are, \(summary.calls) were counted
                    """
            )
        }
    }
}
