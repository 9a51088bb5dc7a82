import Foundation
import GRDB
import Testing

@testable import BackgroundUpdates

struct SQLHandlerTests {
    private let database: TestDatabase
    private let store: UpdateStore

    init() throws {
        self.database = try TestDatabase()
        self.store = UpdateStore(name: "main", path: self.database.path)
    }

    private func finish(_ handler: SQLHandler, size: Int) async throws -> [Int] {
        try self.database.enqueue("u")
        try await handler.check(self.store)
        let lease = try await self.store.lease()
        var rows: [Int] = []
        while true {
            let report = try await handler.run(Updates.batch(self.store, "u", handler, lease, size: size))
            rows.append(report.rows)
            if report.isFinished { return rows }
        }
    }

    @Test(arguments: [7, 50, 99, 100, 1000])
    func everyRowIsDoneOnceWhateverTheSize(size: Int) async throws {
        try self.database.fill(100)
        let rows = try await self.finish(Updates.counting(), size: size)
        #expect(rows.reduce(0, +) == 100)
        #expect(try self.database.integer("SELECT count(*) FROM notes WHERE seen = 1") == 100)
        #expect(try self.database.integer("SELECT total_items FROM ganglion_update_state") == 100)
    }

    @Test func anEmptyTableIsFinishedAtOnce() async throws {
        #expect(try await self.finish(Updates.counting(), size: 10) == [0])
    }

    @Test func keysOfTextAndOfSeveralColumnsAreWalkedInOrder() async throws {
        try self.database.execute(
            """
            CREATE TABLE members (room TEXT NOT NULL, user TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0,
                PRIMARY KEY (room, user));
            """
        )
        for room in ["!a", "!b", "!é", "!🜁", "'; --"] {
            for user in 0..<11 {
                try self.database.execute("INSERT INTO members VALUES (?, ?, 0)", [room, "@user\(user)"])
            }
        }
        let handler = SQLHandler(
            keyset: Keyset(table: "members", columns: ["room", "user"], condition: "user <> '@user3'"),
            statement: try RangeStatement("UPDATE members SET seen = seen + 1 WHERE {range} AND user <> '@user3'")
        )
        let rows = try await self.finish(handler, size: 4)
        #expect(rows.reduce(0, +) == 50)
        #expect(try self.database.integer("SELECT count(*) FROM members WHERE seen = 1") == 50)
        #expect(try self.database.integer("SELECT sum(seen) FROM members") == 50)
    }

    @Test func rowsMayBeDeletedUnderTheCursor() async throws {
        try self.database.fill(100)
        let statement = try RangeStatement("DELETE FROM notes WHERE {range} AND id % 2 = 0")
        _ = try await self.finish(SQLHandler(keyset: Updates.notes, statement: statement), size: 9)
        #expect(try self.database.integer("SELECT count(*) FROM notes") == 50)
    }

    @Test func aStatementOverAnotherTableNamesTheOneItReads() async throws {
        try self.database.fill(30)
        let text = " \nINSERT INTO words SELECT n.id, n.body FROM notes AS n WHERE {range:n}"
        _ = try await self.finish(SQLHandler(keyset: Updates.notes, statement: try RangeStatement(text)), size: 7)
        #expect(try self.database.integer("SELECT count(DISTINCT note) FROM words") == 30)
        #expect(try self.database.integer("SELECT count(*) FROM words") == 30)
    }

    @Test func blobsAndRealsAreCursorsToo() async throws {
        try self.database.execute(
            "CREATE TABLE media (id BLOB NOT NULL, at REAL NOT NULL, seen INTEGER DEFAULT 0, PRIMARY KEY (at, id))"
        )
        for index in 0..<20 {
            try self.database.execute(
                "INSERT INTO media VALUES (?, ?, 0)",
                [Data([UInt8(index), 0, 255]), index < 10 ? 0.1 : Double(index)]
            )
        }
        let handler = SQLHandler(
            keyset: Keyset(table: "media", columns: ["at", "id"], condition: nil),
            statement: try RangeStatement("UPDATE media SET seen = seen + 1 WHERE {range}")
        )
        _ = try await self.finish(handler, size: 3)
        #expect(try self.database.integer("SELECT count(*) FROM media WHERE seen = 1") == 20)
    }

    @Test(arguments: [
        ("nothing", ["id"], "UPDATE nothing SET a = 1 WHERE {range}", "no table"),
        ("notes", ["nix"], "UPDATE notes SET seen = 1 WHERE {range}", "no column"),
        ("notes", ["seen"], "UPDATE notes SET seen = 1 WHERE {range}", "no unique key"),
        ("loose", ["name"], "UPDATE loose SET name = 1 WHERE {range}", "is null"),
        ("notes", ["id"], "WITH x AS (SELECT 1) SELECT * FROM notes WHERE {range}", "changes nothing"),
    ])
    func aDeclarationThatDoesNotFitTheDatabaseSaysSo(
        table: String,
        key: [String],
        statement: String,
        message: String
    ) async throws {
        try self.database.execute("CREATE TABLE loose (name TEXT UNIQUE); INSERT INTO loose VALUES (NULL)")
        let handler = SQLHandler(
            keyset: Keyset(table: table, columns: key, condition: nil),
            statement: try RangeStatement(statement)
        )
        let result = await outcome { try await handler.check(self.store) }
        #expect(result.code == .invalidDeclaration)
        #expect(throws: (any Error).self) { try result.get() }
        if case .failure(let error) = result { #expect("\(error)".contains(message)) }
    }

    @Test(arguments: ["UPDATE notes SET seen = 1", "COMMIT; {range}", "PRAGMA x = {range}", "", "SELECT {range}"])
    func aStatementThatIsNoChangeOverARangeIsRefused(text: String) {
        #expect(throws: BackgroundUpdatesError.self) { try RangeStatement(text) }
    }
}
