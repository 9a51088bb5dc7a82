import MessageBus
import SeededRandom
import Testing
import WireProtocol

@testable import Callbacks

struct CircuitBreakerTests {
    static let limits = CircuitBreaker.Limits()

    private func time(_ milliseconds: Int) -> MonotonicTime { .init(nanoseconds: UInt64(milliseconds) * 1_000_000) }

    private func expect(_ breaker: inout CircuitBreaker, admits: Bool, at now: MonotonicTime) {
        let isAdmitted = breaker.admits(at: now)
        #expect(isAdmitted == admits, "at \(now.nanoseconds / 1_000_000) ms")
    }

    /// A circuit that has opened at 1 s.
    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for index in 0...10 {
            _ = breaker.failed(
                .timeout,
                weight: 0,
                successes: 0,
                since: self.time(index * 100),
                at: self.time(index * 100),
                Self.limits
            )
        }
        return breaker
    }

    struct Case {
        var failures: Int
        var successes: Int
        var milliseconds: Int
        var isOpen: Bool
    }

    @Test(arguments: [
        Case(failures: 11, successes: 0, milliseconds: 1000, isOpen: true),
        Case(failures: 9, successes: 0, milliseconds: 1000, isOpen: false),
        Case(failures: 64, successes: 0, milliseconds: 0, isOpen: false),
        Case(failures: 20, successes: 20, milliseconds: 2000, isOpen: true),
        Case(failures: 20, successes: 21, milliseconds: 2000, isOpen: false),
        Case(failures: 12, successes: 0, milliseconds: 9900, isOpen: true),
        Case(failures: 12, successes: 0, milliseconds: 120_000, isOpen: false),
    ])
    func itOpensWhenEnoughAndEnoughOfAllFailForLongEnough(of case: Case) {
        var breaker = CircuitBreaker()
        _ = breaker.failed(.timeout, weight: 0, successes: 100, since: self.time(0), at: self.time(0), Self.limits)
        for index in 1..<`case`.failures {
            let now = self.time(`case`.milliseconds * index / (`case`.failures - 1))
            let successes = 100 + `case`.successes
            _ = breaker.failed(.timeout, weight: 0, successes: successes, since: now, at: now, Self.limits)
        }
        #expect((breaker.openedBy != nil) == `case`.isOpen)
        #expect(breaker.openings == (`case`.isOpen ? 1 : 0))
    }

    @Test func openItLetsOneTrialThroughAtATimeEverMoreSeldom() {
        var breaker = self.opened()
        self.expect(&breaker, admits: false, at: self.time(1900))
        self.expect(&breaker, admits: true, at: self.time(2000))
        self.expect(&breaker, admits: false, at: self.time(2001))
        _ = breaker.failed(.timeout, weight: 0, successes: 0, since: self.time(2500), at: self.time(2500), Self.limits)
        self.expect(&breaker, admits: false, at: self.time(4400))
        self.expect(&breaker, admits: true, at: self.time(4500))
        // A trial that never ends keeps nobody from the next.
        self.expect(&breaker, admits: true, at: self.time(6500))
    }

    @Test func callsFromBeforeItsTrialSayNothingNew() {
        var breaker = self.opened()
        for late in 1..<64 {
            _ = breaker.failed(
                .timeout,
                weight: 0,
                successes: 0,
                since: self.time(900),
                at: self.time(1000 + late),
                Self.limits
            )
        }
        self.expect(&breaker, admits: false, at: self.time(1999))
        self.expect(&breaker, admits: true, at: self.time(2000))
    }

    @Test func oneSuccessClosesIt() {
        var breaker = self.opened()
        self.expect(&breaker, admits: true, at: self.time(2000))
        let closings = [breaker.succeeded(), breaker.succeeded()]
        #expect(closings == [true, false])
        self.expect(&breaker, admits: true, at: self.time(2001))
        let hasOpened = breaker.failed(
            .timeout,
            weight: 0,
            successes: 1,
            since: self.time(2002),
            at: self.time(2002),
            Self.limits
        )
        #expect(!hasOpened)
    }

    @Test func itRepeatsTheFailureThatWeighsMost() {
        var breaker = CircuitBreaker()
        for index in 0...10 {
            let isError = index == 3
            let kind: FailureKind = isError ? .error : .timeout
            _ = breaker.failed(
                kind,
                weight: isError ? 2 : 0,
                successes: 0,
                since: self.time(index * 100),
                at: self.time(index * 100),
                Self.limits
            )
        }
        #expect(breaker.openedBy == .error)
    }

    /// Whatever happens: it opens on failures only, refuses only while open, admits a trial within the longest pause, and a success closes it.
    @Test(arguments: 0..<32)
    func whateverHappensItIsNeverOpenForEver(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var breaker = CircuitBreaker()
        var (now, successes, refusedSince) = (0, 0, nil as Int?)
        for _ in 0..<2000 {
            now += Int.random(in: 0...400, using: &random)
            let wasOpen = breaker.openedBy != nil
            guard breaker.admits(at: self.time(now)) else {
                #expect(wasOpen)
                refusedSince = refusedSince ?? now
                #expect(now - (refusedSince ?? now) <= 30_000)
                continue
            }
            refusedSince = nil
            let isUp = (now / 20_000) % 2 == 0
            if isUp, Int.random(in: 0..<10, using: &random) > 0 {
                successes += 1
                let hasClosed = breaker.succeeded()
                #expect(hasClosed == wasOpen)
                #expect(breaker.openedBy == nil)
            } else {
                let hasOpened = breaker.failed(
                    .error,
                    weight: 0,
                    successes: successes,
                    since: self.time(now),
                    at: self.time(now),
                    Self.limits
                )
                #expect(!(hasOpened && wasOpen))
                #expect((breaker.openedBy != nil) == (hasOpened || wasOpen))
            }
        }
        #expect(breaker.openings > 0)
    }
}

/// An open circuit keeps all calls from a module, however they come to it.
struct OpenCircuitTests {
    private static let news = "callback/third_party_rules/on_new_event"
    private static let event: Payload = "{\"event\":{\"room_id\":\"!x\"}}"

    /// Makes calls fail one after the other, and has three in front of the module when the circuit opens.
    private func open(_ target: String, _ body: Payload, _ rig: inout DispatcherRig, _ host: PeerID) throws {
        for id in 1...11 as ClosedRange<UInt64> {
            rig.call(target, id: id, budget: 5000, body: body, as: host)
            guard id < 11 else { break }
            try rig.answer(.error, "{}", as: 1)
            rig.advance(milliseconds: 110)
        }
        for id in 12...13 as ClosedRange<UInt64> { rig.call(target, id: id, budget: 5000, body: body, as: host) }
        _ = rig.take(.reply, for: host)
        rig.advance(milliseconds: 1)
        try rig.answer(.error, "{}", as: 1)
        #expect(rig.logged.contains("circuit opened: the module fails too often"))
    }

    private func shortCircuits(_ path: String, _ rig: inout DispatcherRig, _ host: PeerID) throws -> JSONValue? {
        try rig.admin("modules", as: host)["modules"]?.array?[0]["counters"]?[path]?["short_circuits"]
    }

    @Test func whatWaitedForRoomIsRefusedWhenTheCircuitOpens() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        try self.open("callback/shop/may_buy", "{}", &rig, host)
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.take(.reply, for: host).map(\.header.callID).sorted() == [11, 12, 13])
        #expect(try self.shortCircuits("shop/may_buy", &rig, host) == 2)
    }

    @Test func whatWaitedForItsTurnIsRefusedWhenTheCircuitOpens() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["third_party_rules/on_new_event"], as: 1)
        let host = rig.host()
        try self.open(Self.news, Self.event, &rig, host)
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.take(.reply, for: host).map(\.header.callID).sorted() == [11, 12, 13])
        #expect(try self.shortCircuits("third_party_rules/on_new_event", &rig, host) == 2)
        #expect(rig.core.lanes.count == 0)
    }

    /// A module whose circuit is open, with the process `a1` behind it.
    private func failing() throws -> (DispatcherRig, host: PeerID) {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, incarnation: "a1", as: 1)
        let host = rig.host()
        try self.open("callback/shop/may_buy", "{}", &rig, host)
        _ = rig.takeAll()
        rig.call("callback/shop/may_buy", as: host)
        try #require(rig.take(.call, for: 1).isEmpty)
        return (rig, host)
    }

    @Test func aNewProcessIsAskedWhateverTheOneBeforeItFailedWith() throws {
        var (rig, host) = try self.failing()
        rig.say(Header(kind: .bye), Farewell(reason: .shutdown).encoded(), as: 1)
        rig.module("a", ["shop/may_buy"], incarnation: "a2", as: 2)
        #expect(rig.logged.last { $0.hasPrefix("circuit") } == "circuit closed: a new process takes calls")
        rig.call("callback/shop/may_buy", as: host)
        #expect(rig.take(.call, for: 2).count == 1)
    }

    @Test func aProcessThatHasConnectedAgainIsNoNewOne() throws {
        var (rig, host) = try self.failing()
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        rig.module("a", ["shop/may_buy"], incarnation: "a1", as: 2)
        rig.call("callback/shop/may_buy", as: host)
        #expect(rig.take(.call, for: 2).isEmpty)
    }

    @Test func aNewReplicaOpensTheWayToAllUntilTheyFailAgain() throws {
        var (rig, host) = try self.failing()
        rig.hello("a", .module, "a2", as: 2)
        rig.register(["shop/may_buy"], as: 2)
        rig.call("callback/shop/may_buy", as: host)
        #expect(rig.take(.call, for: 1).isEmpty)
        rig.say(Header(kind: .ready), as: 2)
        for id in 20...21 as ClosedRange<UInt64> { rig.call("callback/shop/may_buy", id: id, as: host) }
        #expect(rig.take(.call, for: 1).count + rig.take(.call, for: 2).count == 2)
    }

    @Test func whatOldProcessesWereAskedBeforeIsNotHeldAgainstTheNewOne() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], incarnation: "a1", as: 1)
        let host = rig.host()
        for id in 1...22 as ClosedRange<UInt64> {
            rig.call("callback/shop/may_buy", id: id, budget: 60_000, as: host)
        }
        let calls = rig.take(.call, for: 1)
        rig.advance(milliseconds: 1)
        rig.module("a", ["shop/may_buy"], incarnation: "a2", as: 2)
        for call in calls {
            rig.advance(milliseconds: 60)
            rig.answer(call, .error, "{}", as: 1)
        }
        #expect(rig.take(.reply, for: host).count == 22)
        #expect(!rig.logged.contains { $0.hasPrefix("circuit opened") })
    }
}

struct RetryBudgetTests {
    @Test func noMoreThanAShareOfTheCallsIsTriedAgain() {
        var budget = RetryBudget(percent: 20)
        var taken = 0
        for _ in 0..<1000 {
            budget.noteCall()
            taken += budget.take() ? 1 : 0
        }
        #expect((200...210).contains(taken))
    }

    @Test func whatWasNotUsedIsNotSavedUp() {
        var budget = RetryBudget(percent: 100)
        for _ in 0..<1000 { budget.noteCall() }
        let taken = (0..<100).count { _ in budget.take() }
        #expect(taken == 10)
    }

    @Test func withoutAShareNothingIsTriedAgain() {
        var budget = RetryBudget(percent: 0)
        budget.noteCall()
        let isTaken = budget.take()
        #expect(!isTaken)
    }
}
