import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// Background updates of a real database, while processes die.
    @Suite(.timeLimit(.minutes(5)))
    struct UpdateTests {
        private static let events = 12_000
        private static let update = "fill_search"
        private static let statement = """
            INSERT INTO event_search SELECT event_id, room_id, upper(json_extract(content, '$.body')) FROM events \
            WHERE {range} AND type = 'm.room.message'
            """

        private static func databases(workers: Int = 1) -> String {
            """
            cache: {}
            background_updates: { workers: \(workers) }
            databases:
              main:
                sqlite: run/data/main.db
                updates:
                  \(Self.update):
                    sql: { table: events, key: [stream_ordering], statement: "\(Self.statement)" }
            """
        }

        @Test(arguments: ["background-update-worker", "callback-dispatcher", "cache-service"])
        func aKilledProcessCostsNoRowAndRepeatsNone(victim: String) async throws {
            let reference = try await Self.uninterrupted.value
            #expect(reference.rows.count == Self.events - Self.events / 7)
            #expect(reference.repeated == 0)
            #expect(try await Self.run(killing: [victim]) == reference)
        }

        /// What a run gives in which nobody dies; one is enough for all tests.
        private static let uninterrupted = Task { try await Self.run(killing: []) }

        /// Runs the update to its end and kills processes at even distances on the way.
        private static func run(killing victims: [String]) async throws -> EventsDatabase.Search {
            var search: EventsDatabase.Search?
            try await TestPlatform.run(
                modules: IntegrationTests.ModulesTests.modules,
                extra: Self.databases(),
                preparing: Self.prepare
            ) { platform in
                let database = EventsDatabase(in: platform.folder)
                for (index, victim) in victims.enumerated() {
                    try await Self.wait(for: Self.events * (index + 1) / (victims.count + 3), in: database)
                    #expect(try !database.isDone())
                    try platform.signal(victim, SIGKILL)
                }
                try await Self.waitForEnd(of: database)
                search = try database.search()
            }
            return try #require(search)
        }

        private static func prepare(_ folder: URL) throws {
            try EventsDatabase(in: folder).make(events: Self.events, update: Self.update)
        }

        private static func wait(for items: Int, in database: EventsDatabase) async throws {
            try await eventually("\(items) rows are done", within: .seconds(60)) {
                try database.items(of: Self.update) ?? 0 >= items
            }
        }

        private static func waitForEnd(of database: EventsDatabase) async throws {
            try await eventually("the update is done", within: .seconds(60)) { try database.isDone() }
        }

        @Test func twoWorkersShareADatabaseAndNoneWaitsBusily() async throws {
            let reference = try await Self.uninterrupted.value
            try await TestPlatform.run(
                modules: IntegrationTests.ModulesTests.modules,
                extra: Self.databases(workers: 2),
                preparing: Self.prepare
            ) { platform in
                let database = EventsDatabase(in: platform.folder)
                try await Self.wait(for: Self.events / 8, in: database)
                let (owner, other) = try Self.workers(of: platform, database)
                let began = ContinuousClock.now
                let before = try ProcessTime.used(by: other.id)
                try await Self.wait(for: Self.events / 2, in: database)
                let share = (try ProcessTime.used(by: other.id) - before) / (ContinuousClock.now - began)
                print("the worker that waits used \(share) of a processor")
                #expect(share < 0.1, "the worker that waits used \(share) of a processor")
                #expect(try !database.isDone())
                try platform.signal(owner.name, SIGKILL)
                try await Self.waitForEnd(of: database)
                #expect(try database.search() == reference)
            }
        }

        /// The worker that has the lease, and the one that has not.
        private static func workers(
            of platform: TestPlatform,
            _ database: EventsDatabase
        ) throws -> (owner: (name: String, id: Int32), other: (name: String, id: Int32)) {
            let parts = try database.owner().split(separator: ":", omittingEmptySubsequences: false)
            let id = try #require(parts.count == 3 ? Int32(parts[1]) : nil)
            let workers = try platform.processIDs().filter { $0.key.hasPrefix("background-update-worker") }
            #expect(workers.count == 2)
            let owner = try #require(workers.first { $0.value == id })
            let other = try #require(workers.first { $0.value != id })
            return ((owner.key, owner.value), (other.key, other.value))
        }
    }
}
