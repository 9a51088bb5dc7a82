import ModuleSDK
import ModuleTestKit
import Synchronization
import Testing
import WireProtocol

/// What a bus does to a module, and what a module may rely on then.
@Suite(.timeLimit(.minutes(1)))
struct BusFaultTests {
    /// Counts what it is asked, and remembers who it was built for.
    private struct Counter: Module {
        struct Configuration: Sendable {
            var word: String
        }

        static func parseConfiguration(_ json: JSONValue) throws -> Configuration {
            Configuration(word: json["word"]?.string ?? "")
        }

        init(configuration: Configuration, api: ModuleAPI) {
            let box = Box()
            api.registerMethod("count") { _ in .integer(Int64(box.next())) }
            api.registerMethod("word") { _ in .string(configuration.word) }
            api.registerMethod("deaf") { _ in
                // Listens to nobody: neither to the end of its budget nor to a cancelled caller.
                await box.gate.wait()
                return "late"
            }
            api.registerMethod("open") { _ in
                box.gate.open()
                return .null
            }
            api.registerMethod("patient") { _ in
                try await Task.sleep(for: .seconds(3600))
                return .null
            }
            api.registerCallbacks(
                "spam_checker",
                ["check_event_for_spam": { _ in .result(.string("M_\(box.next())")) }],
                filter: ArgumentFilter(.argument("event", "type", is: "m.room.message"))
            )
        }
    }

    private final class Box: Sendable {
        private let count = Mutex(0)
        let gate = Gate()

        func next() -> Int {
            self.count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// Closed until somebody opens it; whoever waits does not notice that it is cancelled.
    private final class Gate: Sendable {
        private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

        func wait() async {
            await withCheckedContinuation { waiter in
                let isOpen = self.state.withLock { state in
                    if !state.isOpen { state.waiters.append(waiter) }
                    return state.isOpen
                }
                if isOpen { waiter.resume() }
            }
        }

        func open() {
            let waiters = self.state.withLock { state in
                state.isOpen = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    private static let message: JSONObject = ["event": ["type": "m.room.message"]]

    private func fault(_ body: () async throws -> Void) async -> BusFault.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? BusFault)?.code
        }
    }

    @Test func aDelayedCallArrivesWhenTheTestSaysSo() async throws {
        let clock = ManualClock()
        let bus = try await InMemoryBus.start(Counter.self, clock: clock)
        bus.inject(BusFaults(delay: .seconds(2)))
        async let answer = bus.callMethod("count", budget: .seconds(5))
        try await clock.waitForSleepers(2)
        clock.advance(by: .seconds(2))
        #expect(try await answer == 1)
    }

    @Test func aDelayLongerThanTheBudgetIsATimeoutAndTheCallNeverArrives() async throws {
        let clock = ManualClock()
        let bus = try await InMemoryBus.start(Counter.self, clock: clock)
        bus.inject(BusFaults(delay: .seconds(10)))
        async let code = self.fault { _ = try await bus.callMethod("count", budget: .seconds(5)) }
        try await clock.waitForSleepers(2)
        clock.advance(by: .seconds(5))
        #expect(await code == .timeout)
        clock.advance(by: .seconds(10))
        bus.inject(BusFaults())
        #expect(try await bus.callMethod("count") == 1)
    }

    @Test func aDuplicatedCallReachesTheModuleTwiceAndTheFirstReplyCounts() async throws {
        let bus = try await InMemoryBus.start(Counter.self)
        bus.inject(BusFaults(duplicatesCalls: true))
        #expect(try await bus.callMethod("count") == 1)
        bus.inject(BusFaults())
        #expect(try await bus.callMethod("count") == 3)
    }

    @Test func anOverloadedCallNeverReachesTheModule() async throws {
        let bus = try await InMemoryBus.start(Counter.self)
        bus.inject(BusFaults(overloads: true))
        #expect(await self.fault { _ = try await bus.callMethod("count") } == .overloaded)
        bus.inject(BusFaults())
        #expect(try await bus.callMethod("count") == 1)
    }

    @Test func aLostReplyMeansThatTheModuleDidTheWork() async throws {
        let bus = try await InMemoryBus.start(Counter.self)
        bus.inject(BusFaults(losesReplies: true))
        #expect(await self.fault { _ = try await bus.callMethod("count") } == .lost)
        bus.inject(BusFaults())
        #expect(try await bus.callMethod("count") == 2)
    }

    @Test func aHandlerThatDoesNotListenKeepsNobodyAndItsReplyIsLate() async throws {
        let clock = ManualClock()
        let bus = try await InMemoryBus.start(Counter.self, clock: clock)
        async let code = self.fault { _ = try await bus.callMethod("deaf", budget: .seconds(5)) }
        try await clock.waitForSleepers()
        clock.advance(by: .seconds(5))
        #expect(await code == .timeout)
        #expect(bus.lateReplyCount == 0)
        _ = try await bus.callMethod("open")
        while bus.lateReplyCount == 0 { await Task.yield() }
        #expect(bus.lateReplyCount == 1)
    }

    @Test func cancellingTheCallerCancelsTheCall() async throws {
        let clock = ManualClock()
        let bus = try await InMemoryBus.start(Counter.self, clock: clock)
        let caller = Task { await self.fault { _ = try await bus.callMethod("patient") } }
        try await clock.waitForSleepers()
        caller.cancel()
        #expect(await caller.value == .cancelled)
    }

    @Test func aRestartOfTheDispatcherLosesCallsInFlightAndTheModuleGoesOn() async throws {
        let clock = ManualClock()
        let bus = try await InMemoryBus.start(Counter.self, configuration: ["word": "a"], clock: clock)
        #expect(try await bus.callMethod("count") == 1)
        async let code = self.fault { _ = try await bus.callMethod("patient") }
        try await clock.waitForSleepers()
        let before = bus.manifest
        #expect(try await bus.restartDispatcher() == before)
        #expect(await code == .lost)
        // Not built anew: it counts on.
        #expect(try await bus.callMethod("count") == 2)
    }

    @Test func anotherConfigurationBuildsTheModuleAnew() async throws {
        let bus = try await InMemoryBus.start(Counter.self, configuration: ["word": "a"])
        _ = try await bus.callMethod("count")
        try await bus.restartDispatcher(configuration: ["word": "b"])
        #expect(try await bus.callMethod("word") == "b")
        #expect(try await bus.callMethod("count") == 1)
    }

    @Test func aCallThatIsNoneOfItsConcernNeverReachesTheModule() async throws {
        let bus = try await InMemoryBus.start(Counter.self)
        let other: JSONObject = ["event": ["type": "m.reaction"]]
        #expect(try await bus.ask("spam_checker", "check_event_for_spam", other) == .noOpinion)
        #expect(bus.filteredCallCount == 1)
        #expect(try await bus.ask("spam_checker", "check_event_for_spam", Self.message) == .result("M_1"))
        #expect(bus.filteredCallCount == 1)
    }
}
