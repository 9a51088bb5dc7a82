import ModuleSDK
import ModuleTestKit
import Testing
import WireProtocol

@testable import pacer_module

struct PacerTests {
    private static let update: JSONObject = ["update_name": "index_events", "database_name": "main", "one_shot": false]

    private func outcome(_ outcome: JSONValue) -> JSONObject {
        ["update_name": "index_events", "database_name": "main", "outcome": outcome]
    }

    private func pace(_ bus: InMemoryBus<Pacer>, scope: String) async throws -> JSONValue {
        let answer = try await bus.enter("background_update_controller", "on_update", Self.update, scope: scope)
        guard case .result(let pace) = answer else { return .null }
        return pace
    }

    private func leave(_ bus: InMemoryBus<Pacer>, scope: String, _ outcome: JSONValue) async throws {
        try await bus.leave("background_update_controller", "on_update", self.outcome(outcome), scope: scope)
    }

    @Test func outsideTheSlowHoursABatchGetsTheUsualTime() async throws {
        let bus = try await InMemoryBus.start(Pacer.self, configuration: ["duration_ms": 50, "sleep_ms": 0])
        #expect(try await self.pace(bus, scope: "1") == .number(50))
    }

    @Test func inTheSlowHoursItGetsLess() async throws {
        let configuration: JSONValue = [
            "slow": ["hours": ["00:00-24:00"], "duration_ms": 5, "sleep_ms": 700, "time_zone": "Europe/Berlin"]
        ]
        let bus = try await InMemoryBus.start(Pacer.self, configuration: configuration)
        #expect(try await self.pace(bus, scope: "1") == ["duration_ms": .number(5), "sleep_ms": .number(700)])
    }

    @Test func aBatchThatTookMuchLongerThanAskedMakesTheNextOnesRarer() async throws {
        let configuration: JSONValue = ["duration_ms": 100, "sleep_ms": 0, "busy": ["factor": 2, "sleep_ms": 6300]]
        let bus = try await InMemoryBus.start(Pacer.self, configuration: configuration)
        let late: JSONValue = ["status": "progressed", "rows": 10, "duration_ms": 201, "cut": true]
        let timely: JSONValue = ["status": "progressed", "rows": 10, "duration_ms": 110, "cut": false]
        var sleeps: [Double] = []
        for (index, outcome) in [late, late, late, timely, timely, timely, timely].enumerated() {
            let pace = try await self.pace(bus, scope: "\(index)")
            sleeps.append(pace["sleep_ms"]?.number ?? 0)
            try await self.leave(bus, scope: "\(index)", outcome)
        }
        #expect(sleeps == [0, 100, 300, 700, 300, 100, 0])
        #expect(try await bus.callMethod("status") == ["loads": [:], "load_max": 6])
    }

    @Test(
        arguments: [
            ["status": "failed", "error": "x"], ["status": "aborted", "error": "x"], ["status": "lost", "error": "x"],
        ] as [JSONValue]
    )
    func aBatchThatCameToNothingSaysNothingAboutTheLoad(outcome: JSONValue) async throws {
        let bus = try await InMemoryBus.start(Pacer.self, configuration: ["duration_ms": 100, "sleep_ms": 0])
        _ = try await self.pace(bus, scope: "1")
        try await self.leave(bus, scope: "1", outcome)
        #expect(try await self.pace(bus, scope: "2") == .number(100))
    }

    @Test func nobodyAsksHowLongAOneShotTakes() {
        var loads = DatabaseLoads(.init())
        let update = BackgroundUpdateIdentity(name: "index", database: "main", isOneShot: true)
        loads.begin(update, asked: .milliseconds(100))
        loads.end(
            BackgroundUpdateIdentity(name: "index", database: "main"),
            .finished(rows: 1, duration: .seconds(60))
        )
        #expect(loads.load(of: "main") == 0)
    }

    @Test func theLoadHasABound() {
        var loads = DatabaseLoads(.init())
        let update = BackgroundUpdateIdentity(name: "u", database: "main")
        for _ in 0..<20 {
            loads.begin(update, asked: .milliseconds(1))
            loads.end(update, .progressed(rows: 1, duration: .seconds(1), isCut: true))
        }
        #expect(loads.load(of: "main") == DatabaseLoads.loadMax)
        #expect(loads.load(of: "other") == 0)
    }

    @Test func sizesAreAnsweredOnlyWhereTheyAreConfigured() async throws {
        let category = "background_update_controller"
        let bus = try await InMemoryBus.start(Pacer.self, configuration: ["default_batch_size": 7])
        #expect(try await bus.ask(category, "default_batch_size", Self.update) == .result(7))
        #expect(!bus.manifest.callbacks.contains { $0.name == "min_batch_size" })
    }

    @Test(arguments: [
        ("08:00-18:00", 8 * 60, true), ("08:00-18:00", 18 * 60, false), ("08:00-18:00", 7 * 60 + 59, false),
        ("22:00-06:00", 23 * 60, true), ("22:00-06:00", 5 * 60, true), ("22:00-06:00", 6 * 60, false),
        ("00:00-24:00", 24 * 60 - 1, true),
    ])
    func hoursMayGoOverMidnight(text: String, minute: Int, isInside: Bool) throws {
        #expect(try #require(HourRange(text)).contains(minute: minute) == isInside)
    }

    @Test(arguments: [
        ("", "slow.hours[1]"), ("8-18", "slow.hours[1]"), ("08:00-25:00", "slow.hours[1]"),
        ("08:60-09:00", "slow.hours[1]"), ("08:00-08:00", "slow.hours[1]"), ("24:00-08:00", "slow.hours[1]"),
        ("+8:00-18:00", "slow.hours[1]"),
    ])
    func hoursThatAreNoneAreReportedAtTheirPlace(text: String, path: String) async throws {
        let configuration: JSONValue = ["slow": ["hours": ["08:00-18:00", .string(text)]]]
        try await self.expect(configuration, isRefusedAt: path)
    }

    @Test(
        arguments: [
            (["duration_ms": 0], "duration_ms"), (["sleep_ms": -1], "sleep_ms"),
            (["min_batch_size": 0], "min_batch_size"),
            (["slow": ["hours": [], "time_zone": "Atlantis"]], "slow.time_zone"), (["slow": [:]], "slow.hours"),
            (["slow": ["hours": [], "duration_ms": 0]], "slow.duration_ms"), (["busy": ["factor": 1]], "busy.factor"),
            (["busy": ["sleep": 3]], "busy.sleep"), (["durations": 3], "durations"),
        ] as [(JSONValue, String)]
    )
    func whatDoesNotFitIsReportedAtItsPlace(configuration: JSONValue, path: String) async throws {
        try await self.expect(configuration, isRefusedAt: path)
    }

    private func expect(_ configuration: JSONValue, isRefusedAt path: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            _ = try await InMemoryBus.start(Pacer.self, configuration: configuration)
        }
        #expect(error?.problems.map(\.path) == ["config.\(path)"])
    }
}
