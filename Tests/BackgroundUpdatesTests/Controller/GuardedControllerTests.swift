import Testing

@testable import BackgroundUpdates

struct GuardedControllerTests {
    private struct Scripted: UpdateController {
        var answer: ControllerAnswer?
        var size: Int64?
        var isSilent = false
        var fails = false

        private func speak() async throws {
            if self.fails { throw BackgroundUpdatesError(.failed, "no") }
            guard self.isSilent else { return }
            // What never comes; the wait ends when the caller gives up.
            let (never, sink) = AsyncStream<Never>.makeStream()
            defer { sink.finish() }
            for await _ in never {}
            try Task.checkCancellation()
        }

        func enter(_ update: UpdateIdentity, isOneShot: Bool) async throws -> ControllerAnswer? {
            try await self.speak()
            return self.answer
        }

        func exit(_ update: UpdateIdentity, scope: String?, outcome: BatchOutcome) async throws {
            try await self.speak()
        }

        func defaultBatchSize(_ update: UpdateIdentity) async throws -> Int64? {
            try await self.speak()
            return self.size
        }

        func minimumBatchSize(_ update: UpdateIdentity) async throws -> Int64? {
            try await self.speak()
            return self.size
        }
    }

    private let counters = WorkerCounters()
    private let identity = UpdateIdentity(update: "u", database: "main")

    private func guarded(_ controller: Scripted) -> GuardedController {
        // A clock whose sleeps pass at once, for a controller that is silent; the machine's for all others.
        let clock: any WorkerClock = controller.isSilent ? ManualClock() : SystemClock()
        return GuardedController(
            controller: controller,
            defaults: ControllerDefaults(),
            clock: clock,
            counters: self.counters
        )
    }

    private static let defaults = UpdatePermit(target: .milliseconds(100), sleep: .milliseconds(1000), scope: nil)

    @Test func withoutAControllerTheDefaultsHoldAndNothingIsCounted() async {
        let controller = self.guarded(Scripted())
        #expect(await controller.enter(self.identity, isOneShot: false) == .run(Self.defaults))
        #expect(await controller.sizes(self.identity, isFirst: true) == SizeAdvice(first: 100, minimum: 1))
        #expect(self.counters.current == WorkerCounters.Values())
    }

    @Test func aControllerIsFollowedAndDoesItsOwnWaiting() async {
        let controller = self.guarded(Scripted(answer: .init(.run(milliseconds: 40), scope: "s"), size: 7))
        let permit = UpdatePermit(target: .milliseconds(40), sleep: .zero, scope: .init(id: "s"))
        #expect(await controller.enter(self.identity, isOneShot: false) == .run(permit))
        #expect(await controller.sizes(self.identity, isFirst: true) == SizeAdvice(first: 7, minimum: 7))
        #expect(await controller.sizes(self.identity, isFirst: false) == SizeAdvice(first: 100, minimum: 7))
    }

    @Test(arguments: [true, false])
    func silenceAndErrorsBecomeTheDefaults(isSilent: Bool) async {
        let controller = self.guarded(
            Scripted(answer: .init(.run(milliseconds: 40)), size: 7, isSilent: isSilent, fails: !isSilent)
        )
        #expect(await controller.enter(self.identity, isOneShot: false) == .run(Self.defaults))
        #expect(await controller.sizes(self.identity, isFirst: true) == SizeAdvice(first: 100, minimum: 1))
        await controller.exit(self.identity, scope: .init(id: "s"), outcome: .aborted(""))
        #expect(self.counters.current.controllerFailures == 4)
    }

    @Test(arguments: [0, -5, .infinity, .nan, 1e12])
    func senselessDurationsBecomeTheDefault(milliseconds: Double) async {
        let controller = self.guarded(Scripted(answer: .init(.run(milliseconds: milliseconds), scope: "s")))
        let permit = UpdatePermit(target: .milliseconds(100), sleep: .zero, scope: .init(id: "s"))
        #expect(await controller.enter(self.identity, isOneShot: false) == .run(permit))
        #expect(self.counters.current.controllerBadValues == 1)
    }

    @Test(arguments: [(0, 100, 1, 2), (-7, 100, 1, 2), (.max, 50_000, 50_000, 0)] as [(Int64, Int, Int, Int)])
    func senselessSizesBecomeTheDefaultAndHugeOnesTheBound(size: Int64, first: Int, minimum: Int, bad: Int) async {
        let controller = self.guarded(Scripted(size: size))
        #expect(await controller.sizes(self.identity, isFirst: true) == SizeAdvice(first: first, minimum: minimum))
        #expect(self.counters.current.controllerBadValues == bad)
    }

    @Test func aLongWaitIsAskedAboutAgain() async {
        let answer = ControllerAnswer(.wait(milliseconds: 3_000_000, reason: "day"), scope: "s")
        let controller = self.guarded(Scripted(answer: answer))
        let expected = EntryAnswer.wait(.seconds(60), reason: "day", .init(id: "s"))
        #expect(await controller.enter(self.identity, isOneShot: true) == expected)
    }
}
