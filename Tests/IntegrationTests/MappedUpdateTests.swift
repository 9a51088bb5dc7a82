import Foundation
import MessageBus
import Testing
import WireProtocol

extension IntegrationTests {
    /// A background update whose rows a module maps, while the module and others go away and come back.
    @Suite(.timeLimit(.minutes(3)))
    struct MappedUpdateTests {
        private static let events = 2000
        private static let update = "fill_search"
        private static let databases = """
            databases:
              main:
                sqlite: run/data/main.db
                updates:
                  \(Self.update):
                    rows:
                      table: events
                      key: [stream_ordering]
                      columns: [event_id, room_id, content]
                      where: "type = 'm.room.message'"
                      module: indexer
                      writes: [event_search]
            """

        @Test func everyRowIsWrittenOnceWhoeverGoesAway() async throws {
            try await TestPlatform.run(
                modules: "  - module: indexer",
                extra: Self.databases,
                preparing: Self.prepare,
                waitingFor: .gateway
            ) { platform in
                let database = EventsDatabase(in: platform.folder)
                let manifest = Manifest(backgroundUpdates: [BackgroundUpdateClaim(name: Self.update)])
                let first = try await TestModule.join(platform, as: "indexer", manifest, answer: Self.answer)
                _ = try first.registered()
                try await Self.wait(for: Self.events / 10, in: database)
                try await first.leave()
                #expect(try !database.isDone())
                let second = try await TestModule.join(platform, as: "indexer", manifest, answer: Self.answer)
                try await Self.wait(for: Self.events / 5, in: database)
                try platform.signal("background-update-worker", SIGKILL)
                try await Self.wait(for: Self.events / 3, in: database)
                #expect(try !database.isDone())
                try platform.signal("callback-dispatcher", SIGKILL)
                try await eventually("the update is done", within: .seconds(60)) { try database.isDone() }
                #expect(try database.search() == database.expected())
                try await second.leave()
            }
        }

        private static func prepare(_ folder: URL) throws {
            try EventsDatabase(in: folder).make(events: Self.events, update: Self.update)
        }

        private static func wait(for items: Int, in database: EventsDatabase) async throws {
            try await eventually("\(items) rows are done", within: .seconds(60)) {
                try database.items(of: Self.update) ?? 0 >= items
            }
        }

        /// Maps each row to a row of the search table.
        private static let answer: TestModule.Answer = { call in
            let rows = (try? JSONValue(parsing: call.body))?["rows"]?.array ?? []
            let changes = rows.map { row -> JSONValue in
                let content = row["content"]?.string.flatMap { try? JSONValue(parsing: $0) }
                let words = (content?["body"]?.string ?? "").uppercased()
                return [
                    "table": "event_search",
                    "insert": [
                        "event_id": row["event_id"] ?? .null, "room_id": row["room_id"] ?? .null,
                        "words": .string(words),
                    ],
                ]
            }
            return BusReply(status: .answer, body: JSONValue.object(["changes": .array(changes)]).encoded())
        }
    }
}
