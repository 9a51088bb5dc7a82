import Foundation
import GRDB

@testable import BackgroundUpdates

/// A SQLite file of its own, removed when the test is over.
final class TestDatabase: Sendable {
    let folder: String
    let path: String
    let queue: DatabaseQueue

    init(isWAL: Bool = false) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("updates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder.path
        self.path = folder.appendingPathComponent("main.db").path
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        if isWAL { configuration.journalMode = .wal }
        self.queue = try DatabaseQueue(path: self.path, configuration: configuration)
        try self.execute(
            """
            CREATE TABLE background_updates (
                update_name text NOT NULL, progress_json text NOT NULL, depends_on text, ordering INT NOT NULL DEFAULT 0,
                CONSTRAINT background_updates_uniqueness UNIQUE (update_name)
            );
            CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0);
            CREATE TABLE words (note INTEGER NOT NULL, word TEXT NOT NULL);
            """
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    func execute(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try self.queue.write { try $0.execute(sql: sql, arguments: arguments) }
    }

    func fill(_ count: Int) throws {
        try self.execute(
            """
            INSERT INTO notes (id, body) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            SELECT i * 3, 'note ' || i FROM n
            """,
            [count]
        )
    }

    func enqueue(_ name: String, progress: String = "{}", dependsOn: String? = nil, ordering: Int = 0) throws {
        try self.execute(
            "INSERT INTO background_updates VALUES (?, ?, ?, ?)",
            [name, progress, dependsOn, ordering]
        )
    }

    func strings(_ sql: String) throws -> [String] {
        try self.queue.read { try String.fetchAll($0, sql: sql) }
    }

    func integer(_ sql: String) throws -> Int {
        try self.queue.read { try Int.fetchOne($0, sql: sql) ?? 0 }
    }

    /// Every row of every table but the worker's own, whose times differ from run to run.
    func contents() throws -> [String] {
        try Self.contents(self.queue)
    }

    static func contents(_ queue: DatabaseQueue) throws -> [String] {
        try queue.read { db in
            try ["background_updates", "notes", "words"].flatMap { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1, 2").map { "\(table) \($0.description)" }
            }
        }
    }

    func bytes() throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: self.path))
    }
}
