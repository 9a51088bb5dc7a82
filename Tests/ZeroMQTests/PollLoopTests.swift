import Synchronization
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct PollLoopTests {
    @Test
    func aClosureRunsOnTheThread() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        let isCurrent = await withCheckedContinuation { continuation in
            #expect(throws: Never.self) {
                try loop.execute { continuation.resume(returning: loop.isCurrent) }
            }
        }
        #expect(isCurrent)
        #expect(!loop.isCurrent)
        loop.stop()
        await loop.waitUntilStopped()
    }

    @Test
    func aTaskRunsOnTheThreadThatItPrefers() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        let isCurrent = await withTaskExecutorPreference(loop) {
            await Task.yield()
            return loop.isCurrent
        }
        #expect(isCurrent)
        loop.stop()
        await loop.waitUntilStopped()
    }
}
