import SeededRandom
import Testing

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct PollLoopWakeUpTests {
    /// Every piece of work is waited for before the next is sent, so one lost wake-up would be the end of it.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func noWakeUpIsLost(seed: UInt64) async throws {
        try await withPollLoop { loop in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        var generator = SplitMix64(seed: seed << 8 + UInt64(index))
                        return try await Self.visit(loop, times: 1500, &generator)
                    }
                }
                var sum = 0
                for try await count in group { sum += count }
                #expect(sum == 8 * 1500)
            }
        }
    }

    /// Goes to the loop's thread in one of three ways, at random distances.
    private static func visit(
        _ loop: PollLoop,
        times: Int,
        _ generator: inout SplitMix64
    ) async throws -> Int {
        var count = 0
        for _ in 0..<times {
            switch generator.next() % 3 {
            case 0:
                count += try await loop.value { 1 }
            case 1:
                count += await withTaskExecutorPreference(loop) { 1 }
            default:
                count += try await loop.value { loop.isCurrent ? 1 : 0 }
                await Task.yield()
            }
            // Sometimes long enough for the thread to fall asleep, sometimes just about.
            let pause = ContinuousClock.now + .nanoseconds(Int(generator.next() % 20_000))
            while ContinuousClock.now < pause {}
        }
        return count
    }

    @Test
    func onlyTheFirstToComeWakesASleeper() throws {
        var inbox = PollLoopInbox(limit: 10)
        var batch = WorkBatch()
        try inbox.start(label: "test")
        #expect(inbox.look(into: &batch, mayNap: false) == .carryOn)
        // Before the look: found.
        #expect(try inbox.deliver(closure: {}, label: "test") == .done)
        #expect(inbox.look(into: &batch, mayNap: true) == .carryOn)
        #expect(batch.popFirst() != nil)
        // After the look: woken.
        #expect(inbox.look(into: &batch, mayNap: true) == .sleep)
        #expect(try inbox.deliver(closure: {}, label: "test") == .wake)
        #expect(try inbox.deliver(closure: {}, label: "test") == .done)
        inbox.wokeUp()
        #expect(try inbox.deliver(closure: {}, label: "test") == .done)
        #expect(inbox.look(into: &batch, mayNap: true) == .carryOn)
        #expect(batch.closures == 3)
    }

    @Test
    func closuresThatAreTakenCountUntilTheyRun() throws {
        var inbox = PollLoopInbox(limit: 2)
        var batch = WorkBatch()
        try inbox.start(label: "test")
        _ = try inbox.deliver(closure: {}, label: "test")
        _ = try inbox.deliver(closure: {}, label: "test")
        _ = inbox.look(into: &batch, mayNap: false)
        #expect(Self.isFull(&inbox))
        _ = batch.popFirst()
        _ = inbox.look(into: &batch, mayNap: false)
        #expect(!Self.isFull(&inbox))
        #expect(Self.isFull(&inbox))
    }

    private static func isFull(_ inbox: inout PollLoopInbox) -> Bool {
        do {
            _ = try inbox.deliver(closure: {}, label: "test")
            return false
        } catch {
            return error == .queueFull(label: "test", limit: 2)
        }
    }
}
