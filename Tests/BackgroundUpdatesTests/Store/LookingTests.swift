import Foundation
import GRDB
import Testing
import WireProtocol

@testable import BackgroundUpdates

struct LookingTests {
    @Test func lookingAtADatabaseChangesNoByteOfIt() async throws {
        let database = try TestDatabase()
        try database.enqueue("u")
        let before = try database.bytes()
        let store = UpdateStore(name: "main", path: database.path)
        #expect(try await store.view().pending.map(\.name) == ["u"])
        try await store.setEnabled(true)
        #expect(try database.bytes() == before)
    }

    @Test func aDatabaseThatIsNotThereIsNotMade() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let store = UpdateStore(name: "main", path: path)
        #expect(await outcome { try await store.view() }.code == .unavailable)
        #expect(await outcome { try await store.lease() }.code == .unavailable)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aDatabaseWithoutAQueueIsAnEmptyQueue() async throws {
        let database = try TestDatabase()
        try database.execute("DROP TABLE background_updates")
        let store = UpdateStore(name: "main", path: database.path)
        #expect(try await store.view().pending.isEmpty)
        try await store.enqueue([PendingUpdate(name: "u")], job: "u")
        #expect(try await store.view().pending == [PendingUpdate(name: "u")])
    }

    /// A real homeserver's database, where one lies at hand.
    @Test(.enabled(if: HomeserverDatabase.path != nil)) func aHomeserversQueueIsListedAndNothingInItChanges()
        async throws
    {
        let path = try #require(HomeserverDatabase.path)
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("hs-\(UUID().uuidString).db")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: path), to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let before = try Data(contentsOf: copy)
        let worker = WorkerFixture.worker([UpdateDatabase(name: "master", path: copy.path)])
        let status = try await worker.methods.answer("status", .null)
        let list = try await worker.methods.answer("list", .null)
        #expect(status["current_updates"] == [:])
        #expect(status["databases"]?["master"]?["pending_count"] == 56)
        #expect(
            status["databases"]?["master"]?["reason"] == "none of 56 pending updates can run: 56 no_handler"
        )
        let updates = list["updates"]?.array ?? []
        #expect(updates.count == 56)
        #expect(updates.first?["update_name"] == "receipts_graph_unique_index")
        #expect(updates.last?["update_name"] == "e2e_cross_signing_signatures_add_key_id_to_index")
        #expect(try Data(contentsOf: copy) == before)
    }

    @Test func aHandlerOfAHomeserverChangesOnlyWhatItIsAsked() async throws {
        guard let path = HomeserverDatabase.path else { return }
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("hs-\(UUID().uuidString).db")
        try FileManager.default.copyItem(at: URL(fileURLWithPath: path), to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let index = IndexHandler(name: "events_received_ts_idx", table: "events", columns: ["received_ts"])
        let update = UpdateDeclaration(name: "events_received_ts_index", work: .index(index))
        let worker = WorkerFixture.worker([UpdateDatabase(name: "master", path: copy.path, updates: [update])])
        try await WorkerFixture.run(worker) { worker.counters.current.finished == 1 }
        let queue = try DatabaseQueue(path: copy.path)
        let names = try await queue.read { db in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM background_updates") == 55)
            return try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_master WHERE name LIKE 'events_received_ts_idx'"
            )
        }
        #expect(names == ["events_received_ts_idx"])
    }
}

/// The recordings are too large for the repository: `GANGLION_TEST_DATA` names their folder.
enum HomeserverDatabase {
    /// The unpacked database, which tests copy and never change; nil where it is not at hand.
    static let path: String? = {
        guard let folder = ProcessInfo.processInfo.environment["GANGLION_TEST_DATA"] else { return nil }
        let packed = "\(folder)/matrix/homeserver.db.xz"
        guard FileManager.default.fileExists(atPath: packed) else { return nil }
        let unpacked = FileManager.default.temporaryDirectory.appendingPathComponent("hs-\(UUID().uuidString).db")
        return (try? Self.unpack(packed, to: unpacked)) == true ? unpacked.path : nil
    }()

    private static func unpack(_ packed: String, to unpacked: URL) throws -> Bool {
        try Data().write(to: unpacked)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xz", "-dc", packed]
        process.standardOutput = try FileHandle(forWritingTo: unpacked)
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
