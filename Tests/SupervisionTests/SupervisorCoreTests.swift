import Testing

@testable import Supervision

struct SupervisorCoreTests {
    typealias Action = SupervisorCore.Action

    static let plans = [
        ProcessPlan(name: "callback-dispatcher", role: .dispatcher),
        ProcessPlan(name: "gateway", role: .gateway),
        ProcessPlan(name: "a", role: .module),
        ProcessPlan(name: "b", role: .module),
    ]

    /// A core whose processes all run since `.zero`.
    private func running(seed: UInt64 = 1) -> SupervisorCore {
        var core = SupervisorCore(plans: Self.plans, seed: seed)
        _ = core.handle(.start, at: .zero)
        for (index, plan) in Self.plans.enumerated() {
            _ = core.handle(.started(plan.name, pid: Int32(100 + index)), at: .zero)
        }
        _ = core.handle(.platformReady, at: .zero)
        return core
    }

    private func orders(_ actions: [Action]) -> [Action] {
        actions.filter { if case .report = $0 { false } else { true } }
    }

    private func state(_ core: SupervisorCore, _ name: String) -> ProcessState? {
        core.processes.first { $0.plan.name == name }?.state
    }

    /// Ends `name` and starts it again as soon as the core asks, until it is set aside; the times of the restarts.
    private func crash(_ core: inout SupervisorCore, _ name: String, every life: Duration, times: Int) -> [Duration] {
        var now = Duration.zero
        var waits: [Duration] = []
        for _ in 0..<times {
            now += life
            _ = core.handle(.exited(name, .status(1), lastWords: "oops"), at: now)
            guard let deadline = core.deadline else { break }
            waits.append(deadline - now)
            now = deadline
            _ = core.handle(.tick, at: now)
            _ = core.handle(.started(name, pid: 7), at: now)
        }
        return waits
    }

    @Test func processesStartInOrderAndModulesSideBySide() {
        var core = SupervisorCore(plans: Self.plans, seed: 1)
        #expect(self.orders(core.handle(.start, at: .zero)) == [.spawn("callback-dispatcher")])
        #expect(self.orders(core.handle(.started("callback-dispatcher", pid: 1), at: .zero)) == [.spawn("gateway")])
        #expect(self.orders(core.handle(.started("gateway", pid: 2), at: .zero)) == [.spawn("a"), .spawn("b")])
        #expect(self.orders(core.handle(.started("a", pid: 3), at: .zero)).isEmpty)
        #expect(self.state(core, "a") == .running(pid: 3, since: .zero))
    }

    @Test func workersStopBeforeTheModulesThatTheyAskAndTheCacheAfterThem() {
        let roles: [(String, ProcessPlan.Role)] = [
            ("dispatcher", .dispatcher), ("cache", .cache), ("gateway", .gateway), ("worker", .worker), ("a", .module),
        ]
        var core = SupervisorCore(plans: roles.map { ProcessPlan(name: $0.0, role: $0.1) }, seed: 1)
        #expect(self.orders(core.handle(.start, at: .zero)) == [.spawn("dispatcher"), .spawn("cache")])
        for (name, _) in roles { _ = core.handle(.started(name, pid: 1), at: .zero) }
        #expect(self.orders(core.handle(.stop, at: .zero)) == [.terminate("gateway"), .terminate("worker")])
        _ = core.handle(.exited("gateway", .status(0), lastWords: ""), at: .zero)
        #expect(
            self.orders(core.handle(.exited("worker", .status(0), lastWords: ""), at: .zero)) == [.terminate("a")]
        )
        #expect(
            self.orders(core.handle(.exited("a", .status(0), lastWords: ""), at: .zero))
                == [.terminate("dispatcher"), .terminate("cache")]
        )
    }

    @Test func aModuleThatCannotBeStartedHoldsNobodyUp() {
        var core = SupervisorCore(plans: Self.plans, seed: 1)
        _ = core.handle(.start, at: .zero)
        _ = core.handle(.started("callback-dispatcher", pid: 1), at: .zero)
        #expect(
            self.orders(core.handle(.spawnFailed("gateway", reason: "no"), at: .zero)) == [.spawn("a"), .spawn("b")]
        )
        #expect(core.deadline != nil)
    }

    @Test func whatEndsIsStartedAgainAfterAWait() throws {
        var core = self.running()
        #expect(self.orders(core.handle(.exited("a", .signal(9), lastWords: ""), at: .seconds(1))).isEmpty)
        let deadline = try #require(core.deadline)
        #expect(deadline >= .milliseconds(1050) && deadline <= .milliseconds(1100))
        #expect(self.orders(core.handle(.tick, at: deadline - .milliseconds(1))).isEmpty)
        #expect(self.orders(core.handle(.tick, at: deadline)) == [.spawn("a")])
        #expect(core.processes[2].restarts == 1)
        #expect(core.processes[2].reason == "was ended by signal 9 (SIGKILL)")
    }

    @Test func theWaitDoublesUpToItsBound() {
        var core = self.running()
        let waits = self.crash(&core, "gateway", every: .milliseconds(1), times: 12)
        #expect(waits.count == 12)
        for (step, wait) in waits.enumerated() {
            let whole = min(Duration.milliseconds(100) * (1 << step), .seconds(5))
            #expect(wait >= whole / 2 && wait <= whole)
        }
    }

    @Test func aHealthyLifeStartsTheWaitAnew() {
        var core = self.running()
        let waits = self.crash(&core, "a", every: .seconds(10), times: 10)
        #expect(waits.count == 10)
        #expect(waits.allSatisfy { $0 <= .milliseconds(100) })
    }

    @Test func whatKeepsDyingIsQuarantinedWithTheReason() {
        var core = self.running()
        let waits = self.crash(&core, "a", every: .milliseconds(10), times: 10)
        #expect(waits.count == 4)
        #expect(self.state(core, "a") == .quarantined)
        #expect(
            core.processes[2].reason
                == "failed 5 times within 30 s; the last time it exited with status 1: oops"
        )
        #expect(core.deadline == nil)
    }

    @Test func failuresThatLieFarApartDoNotQuarantine() {
        var core = self.running()
        #expect(self.crash(&core, "a", every: .seconds(8), times: 20).count == 20)
    }

    @Test func essentialProcessesAreRestartedForEverOnceThePlatformWasReady() {
        var core = self.running()
        #expect(self.crash(&core, "gateway", every: .milliseconds(1), times: 50).count == 50)
    }

    @Test func aPlatformThatNeverComesUpIsGivenUp() {
        var core = SupervisorCore(plans: Self.plans, seed: 1)
        _ = core.handle(.start, at: .zero)
        _ = core.handle(.started("callback-dispatcher", pid: 1), at: .zero)
        _ = core.handle(.started("gateway", pid: 2), at: .zero)
        _ = self.crash(&core, "gateway", every: .milliseconds(1), times: 10)
        #expect(self.state(core, "gateway") == .quarantined)
    }

    @Test func aConfigurationErrorIsNotTriedAgainUntilSomebodyAsks() {
        var core = self.running()
        _ = core.handle(.exited("a", .status(78), lastWords: "modules[0].config.url: no URL"), at: .seconds(1))
        #expect(self.state(core, "a") == .configurationError)
        #expect(core.deadline == nil)
        #expect(core.processes[2].reason.hasSuffix("(configuration error): modules[0].config.url: no URL"))
        #expect(self.orders(core.handle(.tick, at: .seconds(1000))).isEmpty)
        #expect(self.orders(core.handle(.retrySetAside, at: .seconds(1001))) == [.spawn("a")])
    }

    @Test func stoppingGoesFromTheGatewayToTheDispatcher() {
        var core = self.running()
        #expect(self.orders(core.handle(.stop, at: .zero)) == [.terminate("gateway")])
        #expect(
            self.orders(core.handle(.exited("gateway", .status(0), lastWords: ""), at: .zero))
                == [.terminate("a"), .terminate("b")]
        )
        #expect(self.orders(core.handle(.exited("a", .status(0), lastWords: ""), at: .zero)).isEmpty)
        #expect(
            self.orders(core.handle(.exited("b", .status(0), lastWords: ""), at: .zero))
                == [.terminate("callback-dispatcher")]
        )
        #expect(!core.isFinished)
        _ = core.handle(.exited("callback-dispatcher", .status(0), lastWords: ""), at: .zero)
        #expect(core.isFinished)
        #expect(core.deadline == nil)
    }

    @Test func whatDoesNotEndIsKilledOnce() throws {
        var core = self.running()
        _ = core.handle(.stop, at: .zero)
        var killed: [Action] = []
        while let deadline = core.deadline {
            killed += self.orders(core.handle(.tick, at: deadline)).filter {
                if case .kill = $0 { true } else { false }
            }
        }
        #expect(killed == Self.plans.map { .kill($0.name) })
        #expect(self.orders(core.handle(.tick, at: .seconds(4))).isEmpty)
    }

    @Test func askingTwiceKillsAtOnce() {
        var core = self.running()
        _ = core.handle(.stop, at: .zero)
        let kills = self.orders(core.handle(.stop, at: .milliseconds(1))).filter { $0 == .kill("b") }
        #expect(kills == [.kill("b")])
    }

    @Test func whatIsStartedWhileEverythingStopsIsEndedAgain() {
        var core = SupervisorCore(plans: Self.plans, seed: 1)
        _ = core.handle(.start, at: .zero)
        _ = core.handle(.stop, at: .zero)
        #expect(
            self.orders(core.handle(.started("callback-dispatcher", pid: 5), at: .zero)).contains(
                .terminate("callback-dispatcher")
            )
        )
        _ = core.handle(.exited("callback-dispatcher", .signal(15), lastWords: ""), at: .zero)
        #expect(core.isFinished)
    }

    @Test func aPlatformWithoutModulesRuns() {
        var core = SupervisorCore(plans: Array(Self.plans.prefix(2)), seed: 1)
        _ = core.handle(.start, at: .zero)
        _ = core.handle(.started("callback-dispatcher", pid: 1), at: .zero)
        _ = core.handle(.started("gateway", pid: 2), at: .zero)
        #expect(self.orders(core.handle(.stop, at: .zero)) == [.terminate("gateway")])
    }

    @Test func theSameSeedGivesTheSameWaits() {
        var first = self.running(seed: 3)
        var second = self.running(seed: 3)
        var other = self.running(seed: 4)
        let waits = self.crash(&first, "gateway", every: .milliseconds(1), times: 6)
        #expect(waits == self.crash(&second, "gateway", every: .milliseconds(1), times: 6))
        #expect(waits != self.crash(&other, "gateway", every: .milliseconds(1), times: 6))
    }
}
