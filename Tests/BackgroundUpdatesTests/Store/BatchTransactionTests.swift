import Foundation
import GRDB
import Synchronization
import Testing

@testable import BackgroundUpdates

/// The world ends before every statement of a batch, and goes on from what is on disk.
struct BatchTransactionTests {
    private struct Crash: Error {}

    enum Kind: String, CaseIterable { case sql, rows }

    private static func handler(_ kind: Kind) throws -> any UpdateHandler {
        switch kind {
        case .sql: try Updates.counting()
        case .rows: Updates.indexing()
        }
    }

    private static func work(_ store: UpdateStore, _ handler: any UpdateHandler, _ lease: Lease) async throws -> Bool {
        try await handler.run(Updates.batch(store, "u", handler, lease, size: 9)).isFinished
    }

    /// What an uninterrupted run leaves.
    private static func undisturbed(_ kind: Kind) async throws -> [String] {
        let database = try TestDatabase()
        try database.fill(20)
        try database.enqueue("u")
        let store = UpdateStore(name: "main", path: database.path)
        let lease = try await store.lease()
        while try await !Self.work(store, Self.handler(kind), lease) {}
        return try database.contents()
    }

    @Test(arguments: Kind.allCases, BatchStep.allCases)
    func aFailureAnywhereLeavesTheLastCommit(kind: Kind, step: BatchStep) async throws {
        let database = try TestDatabase()
        try database.fill(20)
        try database.enqueue("u")
        let store = UpdateStore(name: "main", path: database.path)
        let lease = try await store.lease()
        _ = try await Self.work(store, Self.handler(kind), lease)
        let committed = try database.contents()

        let failing = UpdateStore(name: "main", path: database.path) { if $0 == step { throw Crash() } }
        let result = await outcome { try await Self.work(failing, Self.handler(kind), lease) }
        #expect(throws: Crash.self) { try result.get() }
        if step == .committed {
            #expect(try database.contents() != committed)
        } else {
            #expect(try database.contents() == committed)
        }

        while try await !Self.work(store, Self.handler(kind), lease) {}
        #expect(try await database.contents() == Self.undisturbed(kind))
        #expect(try database.integer("SELECT items FROM ganglion_update_state") == 20)
    }

    /// The files as a killed process leaves them, before each statement and with either journal.
    @Test(arguments: Kind.allCases, [false, true])
    func aKilledProcessLeavesTheLastCommit(kind: Kind, isWAL: Bool) async throws {
        let database = try TestDatabase(isWAL: isWAL)
        try database.fill(20)
        try database.enqueue("u")
        let copies = Mutex<[(step: BatchStep, path: String)]>([])
        let store = UpdateStore(name: "main", path: database.path) { step in
            let folder = database.folder + "/\(copies.withLock { $0.count })"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for suffix in ["", "-journal", "-wal"] where FileManager.default.fileExists(atPath: database.path + suffix)
            {
                try FileManager.default.copyItem(atPath: database.path + suffix, toPath: folder + "/main.db" + suffix)
            }
            copies.withLock { $0.append((step, folder + "/main.db")) }
        }
        let lease = try await store.lease()
        var commits = [try database.contents()]
        while try await !Self.work(store, Self.handler(kind), lease) { commits.append(try database.contents()) }
        commits.append(try database.contents())

        let undisturbed = try await Self.undisturbed(kind)
        #expect(commits.last == undisturbed)
        for (index, copy) in copies.withLock({ $0 }).enumerated() {
            let batch = index / BatchStep.allCases.count + (copy.step == .committed ? 1 : 0)
            #expect(try TestDatabase.contents(DatabaseQueue(path: copy.path)) == commits[batch], "\(copy.step)")
            // And the next worker ends what this one began.
            let next = UpdateStore(name: "main", path: copy.path)
            let answer = try await next.acquire(owner: "here:0:a", for: .seconds(10))
            guard case .granted(let lease) = answer else {
                Issue.record("\(answer)")
                continue
            }
            if commits[batch] != undisturbed {
                while try await !Self.work(next, Self.handler(kind), lease) {}
            }
            #expect(try TestDatabase.contents(DatabaseQueue(path: copy.path)) == undisturbed, "\(copy.step)")
        }
    }

    @Test func completionAndDependantsAreOneTransaction() async throws {
        let database = try TestDatabase()
        try database.fill(3)
        try database.enqueue("u")
        try database.enqueue("v", dependsOn: "u")
        let store = UpdateStore(name: "main", path: database.path)
        let lease = try await store.lease()
        #expect(try await Self.work(store, Updates.counting(), lease))
        #expect(try database.strings("SELECT update_name FROM background_updates") == ["v"])
        #expect(try database.strings("SELECT event FROM ganglion_update_history") == ["started", "finished"])
    }

    @Test func anUpdateThatLeftTheQueueIsNotWorked() async throws {
        let database = try TestDatabase()
        try database.fill(3)
        let store = UpdateStore(name: "main", path: database.path)
        let lease = try await store.lease()
        let result = await outcome { try await Self.work(store, Updates.counting(), lease) }
        #expect(result.code == .gone)
        #expect(try database.integer("SELECT sum(seen) FROM notes") == 0)
    }

    @Test(arguments: [#"{"last":5}"#, "nonsense", "[]", #"{"ganglion":2}"#, #"{"ganglion":1,"cursor":[[1]]}"#])
    func progressOfAnotherProgramIsNotOverwritten(progress: String) async throws {
        let database = try TestDatabase()
        try database.fill(3)
        try database.enqueue("u", progress: progress)
        let store = UpdateStore(name: "main", path: database.path)
        let lease = try await store.lease()
        let result = await outcome { try await Self.work(store, Updates.counting(), lease) }
        #expect(result.code == .definitive)
        #expect(try database.strings("SELECT progress_json FROM background_updates") == [progress])
    }

    @Test func anUpdateQueuedAgainBeginsWithNewCounters() async throws {
        let database = try TestDatabase()
        try database.fill(3)
        let store = UpdateStore(name: "main", path: database.path)
        let lease = try await store.lease()
        for _ in 0..<2 {
            try database.enqueue("u")
            #expect(try await Self.work(store, Updates.counting(), lease))
        }
        #expect(try database.integer("SELECT items FROM ganglion_update_state") == 3)
        #expect(try database.integer("SELECT min(seen) FROM notes") == 2)
    }
}
