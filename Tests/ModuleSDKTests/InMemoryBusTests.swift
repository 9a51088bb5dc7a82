import ModuleSDK
import ModuleTestKit
import Synchronization
import Testing
import WireProtocol

/// A module that does whatever a test wants to see.
private struct Specimen: Module {
    init(configuration: NoConfiguration, api: ModuleAPI) {
        api.registerWebResource("/_modules/specimen/files", match: .subtree) { .text($0.path) }
        api.registerWebResource("/_modules/specimen/files") { .text("all of \($0.path)") }
        api.registerWebResource("/_modules/specimen/slash/") { .text("all of \($0.path)") }
        api.registerWebResource("/_modules/specimen/slash/", match: .subtree) { .text($0.path) }
        api.registerWebResource("/_modules/specimen/broken") { _ in throw CancellationError() }
        api.registerWebResource("/_modules/specimen/blocking", execution: .blocking) { _ in .text("done") }
        api.registerCallbacks(
            "third_party_rules",
            [
                "on_new_event": { _ in
                    let verdict = try await api.ask("spam_checker", "user_may_invite", arguments: ["inviter": "@a:b"])
                    return .result(verdict)
                },
                "check_event_allowed": { _ in
                    try await Task.sleep(for: .seconds(3600))
                    return .noOpinion
                },
            ]
        )
    }
}

/// A module that counts the minutes.
private final class Ticker: Module {
    private let api: ModuleAPI
    private let count: Mutex<Int>
    private let timer = Mutex<Task<Void, any Error>?>(nil)

    init(configuration: NoConfiguration, api: ModuleAPI) {
        self.api = api
        self.count = Mutex(0)
        api.registerWebResource("/_modules/ticker/count") { [self] _ in .text("\(self.count.withLock { $0 })") }
    }

    func start() {
        let task = Task {
            while true {
                try await self.api.clock.sleep(for: .seconds(60))
                self.count.withLock { $0 += 1 }
            }
        }
        self.timer.withLock { $0 = task }
    }

    func shutdown() {
        self.timer.withLock { $0.take() }?.cancel()
    }
}

@Suite(.timeLimit(.minutes(1)))
struct InMemoryBusTests {
    private func start(clock: any Clock<Duration> = ContinuousClock()) async throws -> InMemoryBus<Specimen> {
        try await InMemoryBus.start(Specimen.self, moduleID: "specimen", clock: clock)
    }

    @Test func aSubtreeServesWhatLiesBelowIt() async throws {
        let bus = try await self.start()
        for path in ["/_modules/specimen/files/", "/_modules/specimen/files/a", "/_modules/specimen/files/a/b"] {
            #expect(try await bus.request("GET", path).body.text == path)
        }
    }

    @Test(arguments: ["/_modules/specimen/files", "/_modules/specimen/slash/"])
    func aPathAndItsSubtreeAreTwoResources(path: String) async throws {
        let bus = try await self.start()
        #expect(try await bus.request("GET", path).body.text == "all of \(path)")
    }

    @Test func aSubtreeBehindASlashIsNotThePathWithIt() async throws {
        let path = "/_modules/specimen/slash/a"
        #expect(try await self.start().request("GET", path).body.text == path)
    }

    @Test func aHandlerThatThrowsBecomesA500WithoutItsSecrets() async throws {
        let response = try await self.start().request("GET", "/_modules/specimen/broken")
        #expect(response.status == 500)
        #expect(try JSONValue(parsing: response.body)["error"] == "Internal server error")
    }

    @Test func aBlockingHandlerAnswersToo() async throws {
        #expect(try await self.start().request("GET", "/_modules/specimen/blocking").body.text == "done")
    }

    @Test func theModuleAsksThePlatform() async throws {
        let platform = ScriptedPlatform()
        platform.answer("spam_checker", "user_may_invite", with: "M_FORBIDDEN")
        let bus = try await InMemoryBus.start(Specimen.self, host: platform)
        #expect(try await bus.ask("third_party_rules", "on_new_event", [:]) == .result("M_FORBIDDEN"))
        #expect(platform.calls.map(\.target) == ["callback/spam_checker/user_may_invite"])
    }

    @Test func aBudgetEndsWhenTheTestSaysSo() async throws {
        let clock = ManualClock()
        let bus = try await self.start(clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let fault = await #expect(throws: BusFault.self) {
                    try await bus.ask("third_party_rules", "check_event_allowed", [:], budget: .seconds(5))
                }
                #expect(fault?.code == .timeout)
            }
            try await clock.waitForSleepers()
            clock.advance(by: .seconds(5))
        }
    }

    @Test func aModulesOwnTimersRunWhenTheTestSaysSo() async throws {
        let clock = ManualClock()
        let bus = try await InMemoryBus.start(Ticker.self, moduleID: "ticker", clock: clock)
        for count in 0..<3 {
            // It sleeps again when it has counted.
            try await clock.waitForSleepers()
            #expect(try await bus.request("GET", "/_modules/ticker/count").body.text == "\(count)")
            clock.advance(by: .seconds(60))
        }
        await bus.stop()
    }

    @Test func faultsLoseCallsAndReplies() async throws {
        let bus = try await self.start()
        for faults in [BusFaults(losesCalls: true), BusFaults(losesReplies: true)] {
            bus.inject(faults)
            let fault = await #expect(throws: BusFault.self) {
                try await bus.request("GET", "/_modules/specimen/blocking")
            }
            #expect(fault?.code == .lost)
        }
    }

    @Test func whatWasNotRegisteredIsNotFound() async throws {
        let bus = try await self.start()
        let fault = await #expect(throws: BusFault.self) { try await bus.ask("spam_checker", "user_may_invite", [:]) }
        #expect(fault?.code == .notFound)
    }
}
