import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// The sample's events, indexed by the services and modules that are shipped, one of which is killed with a batch in hand.
    @Suite(.timeLimit(.minutes(1)))
    struct InterruptedUpdateTests {
        private static let worker = "background-update-worker"

        private static func databases(workers: Int) -> String {
            """
            cache: {}
            background_updates: { workers: \(workers) }
            \(IndexedEvents.databases(where: "type = 'm.room.message'"))
            """
        }

        @Test(arguments: ["pacer", "search-index", Self.worker, "callback-dispatcher", "cache-service"])
        func aKilledProcessCostsNoEventAndRepeatsNone(victim: String) async throws {
            let reference = try await Self.uninterrupted.value
            let outcome = try await Self.run { platform, database in
                try await Self.takeBatchInHand(on: platform, database)
                try await Self.kill(victim, on: platform)
            }
            #expect(outcome == reference)
        }

        @Test func whatOneOfTwoWorkersDiedWithIsTakenUpWhereItCommitted() async throws {
            let reference = try await Self.uninterrupted.value
            let outcome = try await Self.run(workers: 2) { platform, database in
                let workers = try platform.processIDs().filter { $0.key.hasPrefix(Self.worker) }
                #expect(workers.count == 2)
                try await Self.takeBatchInHand(on: platform, database)
                let owner = try #require(try database.owner())
                try await Self.kill(#require(workers.first { $0.value == owner }?.key), on: platform)
            }
            #expect(outcome == reference)
        }

        @Test func twoWorkersThatBothLiveWriteEachEventOnce() async throws {
            let reference = try await Self.uninterrupted.value
            #expect(try await Self.run(workers: 2) == reference)
        }

        @Test func anUninterruptedRunWritesEachEventOnce() async throws {
            let reference = try await Self.uninterrupted.value
            #expect(reference.rows.count > 200)
            #expect(reference.rows.map(\.first) == reference.written)
            #expect(reference.items >= reference.rows.count)
        }
    }
}

// MARK: - Runs

extension IntegrationTests.InterruptedUpdateTests {
    /// What a run gives in which nobody dies; one is enough for all tests.
    private static let uninterrupted = Task { try await Self.run() }

    /// Runs the update to its end, with something in the middle of it.
    private static func run(
        workers: Int = 1,
        interrupting: (TestPlatform, IndexedEvents) async throws -> Void = { _, _ in }
    ) async throws -> IndexedEvents.Outcome {
        var outcome: IndexedEvents.Outcome?
        try await TestPlatform.run(
            modules: IndexedEvents.slowModules,
            extra: Self.databases(workers: workers),
            preparing: IndexedEvents.importSample,
            waitingFor: .gateway
        ) { platform in
            let database = IndexedEvents(in: platform.folder)
            try await interrupting(platform, database)
            try await eventually("the update is done", within: .seconds(25)) { try database.isDone() }
            let cursors = try database.cursors()
            #expect(zip(cursors, cursors.dropFirst()).allSatisfy { $0 < $1 }, "a batch began before the last commit")
            #expect(try database.outcome().written == database.expected())
            outcome = try database.outcome()
        }
        return try #require(outcome)
    }

    /// Waits until a batch waits for its mapper, which is stopped, after others were committed.
    private static func takeBatchInHand(on platform: TestPlatform, _ database: IndexedEvents) async throws {
        try await eventually("some events are indexed", within: .seconds(20)) { try database.indexed().count > 40 }
        try platform.signal("search-index", SIGSTOP)
        try await eventually("a batch is in hand", within: .seconds(10)) {
            let status = try await platform.get("/_ganglion/admin/v1/status").json
            return status["scopes"]?["open"]?.integer == 1
        }
        #expect(try !database.isDone())
    }

    /// Kills a process, lets the mapper go on, and waits until another process is in the victim's place.
    private static func kill(_ victim: String, on platform: TestPlatform) async throws {
        let before = try platform.signal(victim, SIGKILL)
        if victim != "search-index" { try platform.signal("search-index", SIGCONT) }
        try await eventually("\(victim) is back", within: .seconds(10)) {
            try platform.processIDs()[victim].map { $0 != before } ?? false
        }
    }
}
