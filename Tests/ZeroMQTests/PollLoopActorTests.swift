import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct PollLoopActorTests {
    private actor Tally {
        private let loop: PollLoop
        private(set) var count = 0
        private var isInside = false

        init(on loop: PollLoop) {
            self.loop = loop
        }

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            self.loop.asUnownedSerialExecutor()
        }

        func add() -> Bool {
            let wasAlone = !self.isInside
            self.isInside = true
            self.count += 1
            self.isInside = false
            return wasAlone && self.loop.isCurrent
        }

        func addAcrossASuspension() async -> Bool {
            let before = self.add()
            await Task.yield()
            self.assertIsolated()
            return before && self.add()
        }

        nonisolated func countWithoutWaiting() -> Int {
            self.assumeIsolated { $0.count }
        }
    }

    @Test
    func anActorLivesOnTheLoop() async throws {
        try await withPollLoop { loop in
            let tally = Tally(on: loop)
            await withTaskGroup(of: Bool.self) { group in
                for index in 0..<200 {
                    group.addTask(executorPreference: index.isMultiple(of: 2) ? loop : nil) {
                        await tally.addAcrossASuspension()
                    }
                }
                for await isFine in group { #expect(isFine) }
            }
            #expect(await tally.count == 400)
        }
    }

    @Test
    func whoIsOnTheThreadIsInsideTheActor() async throws {
        try await withPollLoop { loop in
            let tally = Tally(on: loop)
            #expect(await tally.add())
            let count = try await loop.value { tally.countWithoutWaiting() }
            #expect(count == 1)
        }
    }

    @Test
    func anActorGoesOnOneTurnAtATimeAfterTheEnd() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        let tally = Tally(on: loop)
        loop.stop()
        await loop.waitUntilStopped()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<500 { group.addTask { await tally.addAcrossASuspension() } }
            for await isFine in group { #expect(isFine) }
        }
        #expect(await tally.count == 1000)
    }
}
