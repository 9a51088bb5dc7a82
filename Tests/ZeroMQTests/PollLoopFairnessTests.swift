import Testing
import ZeroMQ

/// Nothing on a loop keeps anything else from its turn.
@Suite(.timeLimit(.minutes(1)))
struct PollLoopFairnessTests {
    @Test
    func aResidentThatIsAlwaysBusyDoesNotHoldUpOthersOrTasks() async throws {
        try await withPollLoop { loop in
            let other = try await loop.value {
                loop.attach(ScriptedResident(turn: { true }))
                let other = ScriptedResident(turn: { false })
                loop.attach(other)
                return LoopConfined(resident: other, on: loop)
            }
            let turns = await withTaskExecutorPreference(loop) {
                let before = other.withValue { $0.turns }
                for _ in 0..<100 { await Task.yield() }
                return other.withValue { $0.turns } - before
            }
            #expect(turns >= 1)
            try await loop.value {}
        }
    }

    @Test
    func tasksThatAreAlwaysReadyDoNotHoldUpResidentsOrClosures() async throws {
        try await withPollLoop { loop in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask(executorPreference: loop) {
                        while !Task.isCancelled { await Task.yield() }
                    }
                }
                do {
                    let resident = try await loop.value {
                        let resident = ScriptedResident(turn: { false })
                        loop.attach(resident)
                        return LoopConfined(resident: resident, on: loop)
                    }
                    var turns = 0
                    while turns < 10 { turns = try await loop.value { resident.withValue { $0.turns } } }
                } catch {
                    Issue.record(error)
                }
                group.cancelAll()
            }
        }
    }

    @Test
    func closuresThatAlwaysComeDoNotHoldUpTasks() async throws {
        try await withPollLoop { loop in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        while !Task.isCancelled {
                            // A full queue is as good: it always has something to do.
                            try? loop.execute {}
                            await Task.yield()
                        }
                    }
                }
                await withTaskExecutorPreference(loop) {
                    for _ in 0..<1000 { await Task.yield() }
                }
                group.cancelAll()
            }
        }
    }

    @Test
    func aResidentIsWokenWhenItsTimeHasCome() async throws {
        try await withPollLoop { loop in
            let start = ContinuousClock.now
            let woken = await withCheckedContinuation { continuation in
                let deadline = start + .milliseconds(30)
                _ = #expect(throws: Never.self) {
                    try loop.execute {
                        var waiter: CheckedContinuation<ContinuousClock.Instant, Never>? = continuation
                        let resident = ScriptedResident(
                            turn: {
                                if ContinuousClock.now >= deadline { waiter.take()?.resume(returning: .now) }
                                return false
                            },
                            prepare: { wait in
                                if waiter != nil { wait.wake(within: deadline - .now) }
                                wait.wake(within: .seconds(1000))
                            }
                        )
                        loop.attach(resident)
                    }
                }
            }
            #expect(woken - start >= .milliseconds(30))
            #expect(woken - start < .seconds(10))
        }
    }

    @Test
    func residentsComeAndGoDuringTurns() async throws {
        try await withPollLoop { loop in
            let turns = await withCheckedContinuation { continuation in
                _ = #expect(throws: Never.self) {
                    try loop.execute {
                        let guest = ScriptedResident(turn: { false })
                        var rounds = 0
                        var waiter: CheckedContinuation<Int, Never>? = continuation
                        let host = ScriptedResident(turn: {
                            rounds += 1
                            if rounds.isMultiple(of: 2) { loop.detach(guest) } else { loop.attach(guest) }
                            if rounds == 10 { waiter.take()?.resume(returning: guest.turns) }
                            return rounds < 10
                        })
                        loop.attach(host)
                    }
                }
            }
            #expect(turns == 5)
        }
    }

    @Test
    func workThatIsMadeReadyWhileTheLoopPreparesToSleepKeepsItAwake() async throws {
        try await withPollLoop { loop in
            let stream = AsyncStream<Void>.makeStream()
            async let heard = withTaskExecutorPreference(loop) {
                var iterator = stream.stream.makeAsyncIterator()
                return await iterator.next() != nil
            }
            try await loop.value {
                // Resumes the task from the last moment before the sleep.
                loop.attach(ScriptedResident(turn: { false }, prepare: { _ in stream.continuation.yield() }))
            }
            #expect(await heard)
        }
    }
}

/// Does what a test says, on the loop's thread.
private final class ScriptedResident: PollLoopResident {
    private(set) var turns = 0
    private let script: () -> Bool
    private let preparation: (inout PollWait) -> Void

    init(turn: @escaping () -> Bool, prepare: @escaping (inout PollWait) -> Void = { _ in }) {
        self.script = turn
        self.preparation = prepare
    }

    func turn() -> Bool {
        self.turns += 1
        return self.script()
    }

    func prepareToWait(_ wait: inout PollWait) {
        self.preparation(&wait)
    }

    func loopWillStop() {}
}
