import SeededRandom
import Testing

@testable import BackgroundUpdates

/// The worker's life as a sequence of events, without a database.
struct WorkerCoreTests {
    private static let start = WallTime(milliseconds: 1_000_000)
    private static let lease = Lease(owner: "me", epoch: 1, ttl: .seconds(10))
    private static let permit = UpdatePermit(
        target: .milliseconds(100),
        sleep: .seconds(1),
        scope: UpdatePermit.Scope(id: "s")
    )
    private static let report = BatchReport(
        rows: 10,
        milliseconds: 5,
        isFinished: false,
        isCut: false,
        skipped: 0,
        commitCost: 0,
        size: 10
    )

    private static func core(_ names: [String] = ["u"]) -> WorkerCore {
        let handlers = Dictionary(names.map { ($0, UpdateKind.sql) }) { first, _ in first }
        return WorkerCore(owner: "me", handlers: handlers, seed: 1)
    }

    private static func view(_ names: [String] = ["u"], control: Control = Control()) -> QueueView {
        QueueView(pending: names.map { PendingUpdate(name: $0) }, control: control)
    }

    private static let mine = Control(epoch: 1, owner: "me", until: start + .seconds(10))

    /// A core that works on `u` now.
    private static func working() -> WorkerCore {
        var core = Self.core()
        _ = core.handle(.began, at: Self.start)
        _ = core.handle(.saw(Self.view()), at: Self.start)
        _ = core.handle(.acquired(.granted(Self.lease)), at: Self.start)
        _ = core.handle(.entered(.run(Self.permit)), at: Self.start)
        return core
    }

    private func sleep(_ action: WorkerCore.Action) -> Duration? {
        guard case .sleep(let duration) = action else { return nil }
        return duration
    }

    @Test func aRoundGoesFromLookToSleep() {
        var core = Self.core()
        #expect(core.handle(.began, at: Self.start) == .look)
        #expect(core.handle(.saw(Self.view()), at: Self.start) == .acquire)
        #expect(core.handle(.acquired(.granted(Self.lease)), at: Self.start) == .enter(update: "u", isOneShot: false))
        #expect(core.handle(.entered(.run(Self.permit)), at: Self.start) == .work(update: "u", Self.permit, Self.lease))
        let left = WorkerCore.Action.leave(
            update: "u",
            UpdatePermit.Scope(id: "s"),
            .progressed(rows: 10, milliseconds: 5, isCut: false)
        )
        #expect(core.handle(.worked(Self.report), at: Self.start) == left)
        #expect(core.handle(.left, at: Self.start) == .sleep(.seconds(1)))
        #expect(core.handle(.slept, at: Self.start) == .look)
        // The lease is still there, so the next round asks the controller at once.
        let next = core.handle(.saw(Self.view(control: Self.mine)), at: Self.start)
        #expect(next == .enter(update: "u", isOneShot: false))
    }

    @Test func withoutAnythingToDoItSleepsAndHoldsNothing() {
        var core = Self.core()
        _ = core.handle(.began, at: Self.start)
        let action = core.handle(.saw(Self.view([])), at: Self.start)
        #expect(self.sleep(action).map { $0 >= .seconds(4) && $0 <= .seconds(7) } == true)
        #expect(core.restReason == "no update is pending")
    }

    @Test func whoLosesSleepsUntilTheLeaseCanEnd() {
        var core = Self.core()
        _ = core.handle(.began, at: Self.start)
        let other = Control(epoch: 3, owner: "other", until: Self.start + .seconds(3))
        let action = core.handle(.saw(Self.view(control: other)), at: Self.start)
        #expect(self.sleep(action).map { $0 >= .milliseconds(2700) && $0 <= .milliseconds(3900) } == true)
        #expect(core.restReason == "`other` works on this database")
    }

    @Test func aWorkerThatWasStartedAgainGivesBackWhatItsPredecessorHeldButOnceOnly() {
        var core = WorkerCore(owner: "box:7:new", handlers: ["u": .sql], seed: 1)
        _ = core.handle(.began, at: Self.start)
        let held = Control(epoch: 3, owner: "box:7:old", until: Self.start + .seconds(9))
        let left = Lease(owner: "box:7:old", epoch: 3, ttl: .seconds(10))
        #expect(core.handle(.saw(Self.view(control: held)), at: Self.start) == .release(left))
        #expect(core.handle(.released, at: Self.start) == .sleep(.zero))
        #expect(core.handle(.slept, at: Self.start) == .look)
        // Whoever has it still is another machine's process with the same name and number.
        #expect(self.sleep(core.handle(.saw(Self.view(control: held)), at: Self.start)) != nil)
        #expect(core.restReason == "`box:7:old` works on this database")
    }

    @Test(arguments: ["box:8:old", "crate:7:old", "box:7", "nonsense"])
    func theLeaseOfAnyOtherProcessIsWaitedFor(owner: String) {
        var core = WorkerCore(owner: "box:7:new", handlers: ["u": .sql], seed: 1)
        _ = core.handle(.began, at: Self.start)
        let held = Control(epoch: 3, owner: owner, until: Self.start + .seconds(9))
        #expect(self.sleep(core.handle(.saw(Self.view(control: held)), at: Self.start)) != nil)
    }

    @Test func losersNeverComeBackFasterThanTheShortestRest() {
        var core = Self.core()
        _ = core.handle(.began, at: Self.start)
        for _ in 0..<100 {
            _ = core.handle(.saw(Self.view()), at: Self.start)
            let until = Self.start + .milliseconds(1)
            let action = core.handle(.acquired(.held(owner: "other", until: until)), at: Self.start)
            #expect(self.sleep(action).map { $0 >= .milliseconds(180) } == true)
            _ = core.handle(.slept, at: Self.start)
        }
    }

    @Test func aFencedWorkerForgetsItsLeaseAndLooksAgain() {
        var core = Self.working()
        let action = core.handle(.workFailed(.init(.fenced, "taken over"), size: 10), at: Self.start)
        #expect(action == .leave(update: "u", UpdatePermit.Scope(id: "s"), .aborted("taken over")))
        #expect(core.lease == nil)
        #expect(self.sleep(core.handle(.left, at: Self.start)) != nil)
        #expect(core.handle(.slept, at: Self.start) == .look)
        #expect(core.handle(.saw(Self.view()), at: Self.start) == .acquire)
    }

    /// A batch of an update that was paused is refused too, though nobody has taken anything over.
    @Test func aLeaseInItsNameIsGivenBackWhenThereIsNothingToDo() {
        var core = Self.working()
        _ = core.handle(.workFailed(.init(.fenced, "`u` was paused"), size: 10), at: Self.start)
        _ = core.handle(.left, at: Self.start)
        _ = core.handle(.slept, at: Self.start)
        var view = Self.view(control: Self.mine)
        view.states["u"] = UpdateState(name: "u")
        view.states["u"]?.standing = .paused
        #expect(core.handle(.saw(view), at: Self.start) == .release(Self.lease))
    }

    @Test func failuresBackOffAndTheFifthSetsAside() {
        var pauses: [Duration] = []
        for failures in 0..<5 {
            var core = Self.core()
            _ = core.handle(.began, at: Self.start)
            var view = Self.view()
            var state = UpdateState(name: "u")
            state.failures = failures
            view.states["u"] = state
            _ = core.handle(.saw(view), at: Self.start)
            _ = core.handle(.acquired(.granted(Self.lease)), at: Self.start)
            _ = core.handle(.entered(.run(Self.permit)), at: Self.start)
            let action = core.handle(.workFailed(.init(.failed, "no"), size: 10), at: Self.start)
            guard case .note(_, let note, _) = action else {
                Issue.record("\(action)")
                return
            }
            #expect(note.failures == failures + 1)
            #expect(note.isSetAside == (failures == 4))
            #expect(note.failedSize == 10)
            pauses.append(Self.start.until(note.retryAt))
            let leave = core.handle(.noted, at: Self.start)
            #expect(leave == .leave(update: "u", UpdatePermit.Scope(id: "s"), .failed("no")))
        }
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 * 1.3 < $1 })
    }

    @Test(arguments: [BackgroundUpdatesError.Code.definitive, .invalidDeclaration])
    func whatCannotSucceedIsSetAsideAtOnce(code: BackgroundUpdatesError.Code) {
        var core = Self.working()
        let action = core.handle(.workFailed(.init(code, "no"), size: 10), at: Self.start)
        guard case .note(_, let note, _) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(note.isSetAside)
    }

    @Test(arguments: [BackgroundUpdatesError.Code.unavailable, .stale])
    func whatIsNobodysFaultIsNeverSetAside(code: BackgroundUpdatesError.Code) {
        var core = Self.working()
        for _ in 0..<50 {
            let action = core.handle(.workFailed(.init(code, "no"), size: 10), at: Self.start)
            guard case .note(_, let note, _) = action else {
                Issue.record("\(action)")
                return
            }
            #expect(!note.isSetAside && note.failures == 0)
            #expect(Self.start.until(note.retryAt) <= .seconds(20))
            _ = core.handle(.noted, at: Self.start)
            _ = core.handle(.left, at: Self.start)
            _ = core.handle(.slept, at: Self.start)
            _ = core.handle(.saw(Self.view(control: Self.mine)), at: Self.start)
            _ = core.handle(.entered(.run(Self.permit)), at: Self.start)
        }
    }

    @Test func aLockedDatabaseIsTriedAgainEverMoreSlowly() {
        var core = Self.core()
        _ = core.handle(.began, at: Self.start)
        var rests: [Duration] = []
        for _ in 0..<8 {
            let action = core.handle(.failed(.init(.busy, "locked")), at: Self.start)
            if let rest = self.sleep(action) { rests.append(rest) }
            _ = core.handle(.slept, at: Self.start)
        }
        #expect(rests.count == 8)
        #expect(rests[0] < rests[2] && rests[2] < rests[3])
        #expect(rests.allSatisfy { $0 <= .seconds(20) })
    }

    @Test func aControllerThatSaysWaitKeepsNoLease() {
        var core = Self.core()
        _ = core.handle(.began, at: Self.start)
        _ = core.handle(.saw(Self.view()), at: Self.start)
        _ = core.handle(.acquired(.granted(Self.lease)), at: Self.start)
        let scope = UpdatePermit.Scope(id: nil)
        let action = core.handle(.entered(.wait(.seconds(2), reason: "night", scope)), at: Self.start)
        #expect(action == .leave(update: "u", scope, .aborted("waiting, as told")))
        #expect(core.handle(.left, at: Self.start) == .release(Self.lease))
        #expect(core.handle(.released, at: Self.start) == .sleep(.seconds(2)))
        #expect(core.restReason == "the controller says to wait: night")
    }

    @Test func aLongSleepBetweenBatchesLeavesTheDatabaseToOthers() {
        var core = Self.core()
        _ = core.handle(.began, at: Self.start)
        _ = core.handle(.saw(Self.view()), at: Self.start)
        _ = core.handle(.acquired(.granted(Self.lease)), at: Self.start)
        let slow = UpdatePermit(target: .milliseconds(100), sleep: .seconds(60), scope: nil)
        _ = core.handle(.entered(.run(slow)), at: Self.start)
        #expect(core.handle(.worked(Self.report), at: Self.start) == .release(Self.lease))
        #expect(core.handle(.released, at: Self.start) == .sleep(.seconds(60)))
    }

    @Test func anUpdateRunsToItsEndBeforeAnotherBegins() {
        var core = Self.core(["a", "u"])
        _ = core.handle(.began, at: Self.start)
        _ = core.handle(.saw(Self.view()), at: Self.start)
        _ = core.handle(.acquired(.granted(Self.lease)), at: Self.start)
        _ = core.handle(.entered(.run(Self.permit)), at: Self.start)
        _ = core.handle(.worked(Self.report), at: Self.start)
        _ = core.handle(.left, at: Self.start)
        _ = core.handle(.slept, at: Self.start)
        let view = Self.view(["a", "u"], control: Self.mine)
        #expect(core.handle(.saw(view), at: Self.start) == .enter(update: "u", isOneShot: false))
    }

    @Test func aWorkerThatStopsLeavesItsScopeAndItsLease() {
        var core = Self.working()
        let actions = core.stop()
        #expect(
            actions == [
                .leave(update: "u", UpdatePermit.Scope(id: "s"), .aborted("the worker ended")), .release(Self.lease),
            ]
        )
        #expect(core.stop().isEmpty)
    }

    @Test func disabledUpdatesMakeItGiveTheDatabaseBack() {
        var core = Self.working()
        _ = core.handle(.worked(Self.report), at: Self.start)
        _ = core.handle(.left, at: Self.start)
        _ = core.handle(.slept, at: Self.start)
        var control = Self.mine
        control.isEnabled = false
        #expect(core.handle(.saw(Self.view(control: control)), at: Self.start) == .release(Self.lease))
        #expect(core.restReason == "updates are disabled")
    }

    /// Whatever comes in whatever order: it never works without a lease it was granted, and never spins.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func anyEventsInAnyOrderKeepItSane(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var core = WorkerCore(owner: "me", handlers: ["u": .sql, "v": .index], seed: seed)
        var now = Self.start
        for _ in 0..<300 {
            now = now + .milliseconds(Int.random(in: 0...3000, using: &random))
            let action = core.handle(Self.anyEvent(&random, at: now), at: now)
            if case .work(_, _, let lease) = action { #expect(lease == core.lease) }
            if case .sleep(let duration) = action { #expect(duration >= .zero && duration <= .seconds(400)) }
        }
        #expect(core.stop().count <= 2)
    }

    private static func anyEvent(_ random: inout SplitMix64, at now: WallTime) -> WorkerCore.Event {
        let codes: [BackgroundUpdatesError.Code] = [.fenced, .busy, .gone, .stale, .unavailable, .failed, .definitive]
        let error = BackgroundUpdatesError(codes.randomElement(using: &random) ?? .failed, "x")
        switch Int.random(in: 0...10, using: &random) {
        case 0: return .saw(Self.view(["u", "v"], control: Self.mine))
        case 1: return .saw(Self.view([]))
        case 2: return .acquired(.granted(Self.lease))
        case 3: return .acquired(.held(owner: "o", until: now + .seconds(5)))
        case 4: return .entered(.run(Self.permit))
        case 5: return .entered(.wait(.seconds(1), reason: "r", UpdatePermit.Scope(id: nil)))
        case 6: return .worked(Self.report)
        case 7: return .workFailed(error, size: 5)
        case 8: return .failed(error)
        case 9: return .slept
        default: return [.noted, .left, .released].randomElement(using: &random) ?? .left
        }
    }
}
