import GRDB
import Synchronization
import Testing
import WireProtocol

@testable import BackgroundUpdates

struct RowsHandlerTests {
    private let database: TestDatabase
    private let store: UpdateStore

    init() throws {
        self.database = try TestDatabase()
        self.store = UpdateStore(name: "main", path: self.database.path)
        try self.database.fill(100)
        try self.database.enqueue("u")
    }

    private func run(_ handler: RowsHandler, _ lease: Lease, size: Int = 16) async throws -> BatchReport {
        try await handler.run(Updates.batch(self.store, "u", handler, lease, size: size))
    }

    private func finish(_ handler: RowsHandler, size: Int = 16) async throws -> Int {
        let lease = try await self.store.lease()
        var stale = 0
        while true {
            let result = await outcome { try await self.run(handler, lease, size: size) }
            if result.code == .stale {
                stale += 1
                continue
            }
            if try result.get().isFinished { return stale }
        }
    }

    @Test(arguments: [7, 16, 99, 100, 101])
    func everyRowReachesTheModuleOnce(size: Int) async throws {
        let handler = Updates.indexing()
        try await handler.check(self.store)
        #expect(try await self.finish(handler, size: size) == 0)
        #expect(try self.database.integer("SELECT count(*) FROM words") == 100)
        #expect(try self.database.integer("SELECT count(*) FROM words JOIN notes ON note = id AND word = body") == 100)
    }

    @Test func nothingIsLockedWhileTheModuleThinks() async throws {
        let database = self.database
        let mapper = WordMapper { rows in
            // Another connection, which would wait for a lock: SQLite has only one writer.
            try await database.queue.write { try $0.execute(sql: "UPDATE words SET word = word") }
        }
        #expect(try await self.finish(Updates.indexing(mapper)) == 0)
    }

    @Test func aRowThatChangedUnderTheModuleIsMappedAgain() async throws {
        let database = self.database
        let hasChanged = Mutex(false)
        let mapper = WordMapper { rows in
            let isFirst = hasChanged.withLock { done in
                defer { done = true }
                return !done
            }
            guard isFirst else { return }
            try await database.queue.write { try $0.execute(sql: "UPDATE notes SET body = 'new' WHERE id = 3") }
        }
        #expect(try await self.finish(Updates.indexing(mapper)) == 1)
        #expect(try self.database.strings("SELECT word FROM words WHERE note = 3") == ["new"])
        #expect(try self.database.integer("SELECT count(*) FROM words") == 100)
    }

    @Test func stepsBeforeTheOneThatChangedAreKept() async throws {
        let database = self.database
        let asked = Mutex(0)
        let mapper = WordMapper { rows in
            // Of the four steps of a batch of 100, the third begins with id 195.
            guard
                asked.withLock({
                    $0 += 1
                    return $0 == 3
                })
            else { return }
            try await database.queue.write { try $0.execute(sql: "DELETE FROM notes WHERE id = 198") }
        }
        let lease = try await self.store.lease()
        let report = try await self.run(Updates.indexing(mapper), lease, size: 100)
        #expect(report.rows == 64)
        #expect(report.isCut)
        #expect(try self.database.integer("SELECT max(note) FROM words") == 192)
    }

    @Test func aRowThatAppearsWithinTheRangeIsSeen() async throws {
        let database = self.database
        let hasChanged = Mutex(false)
        let mapper = WordMapper { rows in
            guard
                hasChanged.withLock({ done in
                    defer { done = true }
                    return !done
                })
            else { return }
            try await database.queue.write { try $0.execute(sql: "INSERT INTO notes (id, body) VALUES (4, 'between')") }
        }
        #expect(try await self.finish(Updates.indexing(mapper)) == 1)
        #expect(try self.database.integer("SELECT count(*) FROM words") == 101)
    }

    @Test func aRowThatAppearsAtTheEndKeepsTheUpdateGoing() async throws {
        let database = self.database
        let mapper = WordMapper { rows in
            guard rows.contains(where: { $0[0] == 300.databaseValue }) else { return }
            try await database.queue.write {
                try $0.execute(sql: "INSERT OR IGNORE INTO notes (id, body) VALUES (301, 'late')")
            }
        }
        #expect(try await self.finish(Updates.indexing(mapper), size: 64) == 0)
        #expect(try self.database.strings("SELECT word FROM words WHERE note = 301") == ["late"])
    }

    @Test func aWorkerThatWasPausedWhileTheModuleThoughtCannotCommit() async throws {
        let clock = ManualClock()
        let store = UpdateStore(name: "main", path: self.database.path, clock: clock)
        let handler = Updates.indexing(
            WordMapper { rows in
                clock.advance(by: .seconds(11))
                _ = try await store.lease("here:0:other")
            }
        )
        let lease = try await store.lease("here:0:paused")
        let result = await outcome { try await handler.run(Updates.batch(store, "u", handler, lease, size: 5)) }
        #expect(result.code == .fenced)
        #expect(try self.database.integer("SELECT count(*) FROM words") == 0)
    }

    @Test func skippedRowsAreKeptWithTheirReasonAndTheUpdateGoesOn() async throws {
        struct Picky: RowMapper {
            func changes(for question: RowsQuestion, writable: Set<String>) async throws -> RowChanges {
                RowChanges(skipped: question.rows[0][0] == 3.databaseValue ? [0: "unreadable"] : [:])
            }
        }
        _ = try await self.finish(Updates.indexing(Picky()))
        #expect(
            try self.database.strings("SELECT key_json || reason FROM ganglion_update_skipped") == ["[3]unreadable"]
        )
        #expect(try self.database.integer("SELECT skipped FROM ganglion_update_state") == 1)
    }

    @Test func aChangeThatCannotBeMadeUndoesTheWholeBatch() async throws {
        struct Wrong: RowMapper {
            func changes(for question: RowsQuestion, writable: Set<String>) async throws -> RowChanges {
                let note = RowChange.Field(column: "note", value: question.rows[0][0])
                let word = RowChange.Field(column: "word", value: .null)
                return RowChanges(changes: [
                    RowChange(
                        table: "words",
                        action: .insert([note, .init(column: "word", value: "w".databaseValue)])
                    ),
                    RowChange(table: "words", action: .insert([note, word])),
                ])
            }
        }
        let lease = try await self.store.lease()
        let result = await outcome { try await self.run(Updates.indexing(Wrong()), lease) }
        #expect(throws: DatabaseError.self) { try result.get() }
        #expect(try self.database.integer("SELECT count(*) FROM words") == 0)
        #expect(try self.database.strings("SELECT progress_json FROM background_updates") == ["{}"])
    }
}
