import ModuleSDK
import ModuleTestKit
import Testing
import WireProtocol

@testable import search_index_module

struct SearchIndexTests {
    private func event(_ id: String, _ content: String) -> JSONObject {
        ["event_id": .string(id), "room_id": "!r", "content": .string(content)]
    }

    @Test func anEventBecomesOneRowOfWords() async throws {
        let bus = try await InMemoryBus.start(SearchIndex.self)
        let changes = try await bus.mapRows("index_events", [self.event("$a", #"{"body":"Hello, big WORLD!"}"#)])
        #expect(
            changes == [
                "changes": [
                    ["table": "event_search", "delete": ["event_id": "$a"]],
                    [
                        "table": "event_search",
                        "insert": ["event_id": "$a", "room_id": "!r", "words": "hello big world"],
                    ],
                ],
                "skipped": [],
            ]
        )
    }

    @Test func whatHasNoTextChangesNothing() async throws {
        let bus = try await InMemoryBus.start(SearchIndex.self)
        let changes = try await bus.mapRows("index_events", [self.event("$a", "{}"), self.event("$b", #"{"body":1}"#)])
        #expect(changes == ["changes": [], "skipped": []])
    }

    @Test func whatCannotBeReadIsSkippedWithItsPlaceAndTheRestIsDone() async throws {
        let bus = try await InMemoryBus.start(SearchIndex.self)
        let rows = [self.event("$a", "{"), self.event("$b", #"{"body":"b"}"#), ["event_id": "$c"]]
        let changes = try await bus.mapRows("index_events", rows)
        #expect(changes["changes"]?.array?.count == 2)
        #expect(changes["skipped"]?.array?.map { $0["row"] } == [0, 2])
    }

    @Test func theSameRowsGiveTheSameChanges() async throws {
        let bus = try await InMemoryBus.start(SearchIndex.self)
        let rows = (0..<50).map { self.event("$\($0)", #"{"body":"Event \#($0)"}"#) }
        let first = try await bus.mapRows("index_events", rows)
        #expect(try await bus.mapRows("index_events", rows) == first)
    }

    @Test func theUpdateAndTheTableAreTheOperatorsToName() async throws {
        let bus = try await InMemoryBus.start(SearchIndex.self, configuration: ["update": "u", "table": "t"])
        #expect(bus.manifest.backgroundUpdates.map(\.name) == ["u"])
        let changes = try await bus.mapRows("u", [self.event("$a", #"{"body":"b"}"#)])
        #expect(changes["changes"]?.array?[0]["table"] == "t")
    }

    @Test func anEmptyNameIsReportedAtItsPlace() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            _ = try await InMemoryBus.start(SearchIndex.self, configuration: ["table": ""])
        }
        #expect(error?.problems.map(\.path) == ["config.table"])
    }
}
