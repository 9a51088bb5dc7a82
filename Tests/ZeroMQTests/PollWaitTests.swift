import Testing

@testable import ZeroMQ

struct PollWaitTests {
    private func withPair(_ body: (borrowing Socket, borrowing Socket) throws -> Void) throws {
        let context = try Context()
        let reader = try Socket(.pair, in: context)
        try reader.bind(to: "inproc://pair")
        let writer = try Socket(.pair, in: context)
        try writer.connect(to: "inproc://pair")
        // Read until nothing comes, as those do who then wait.
        var message = Message()
        while try reader.receive(into: &message) {}
        try body(reader, writer)
    }

    @Test func withNothingToDoTheWaitIsNotOver() throws {
        try self.withPair { reader, _ in
            let signal = WakeUpSignal()
            var wait = PollWait(wakeUp: signal)
            wait.add(reader, .readable)
            wait.wake(within: .seconds(3600))
            for _ in 0..<3 {
                let isOver = wait.isOver()
                #expect(!isOver)
            }
        }
    }

    @Test func aMessageASignalAndTheTimeEachEndIt() throws {
        try self.withPair { reader, writer in
            let signal = WakeUpSignal()
            var wait = PollWait(wakeUp: signal)
            wait.add(reader, .readable)
            var message = Message([1])
            _ = try writer.send(&message, more: false)
            let isOverByMessage = wait.isOver()
            #expect(isOverByMessage)

            wait.reset()
            signal.send()
            let isOverBySignal = wait.isOver()
            #expect(isOverBySignal)
            signal.clear()
            let isOverAfterwards = wait.isOver()
            #expect(!isOverAfterwards)

            wait.reset()
            wait.wake(within: .zero)
            let isOverByTime = wait.isOver()
            #expect(isOverByTime)
        }
    }

    @Test func aSocketThatWasNotReadToTheEndEndsItAtOnce() throws {
        try self.withPair { reader, writer in
            var message = Message([1])
            for _ in 0..<2 {
                message = Message([1])
                _ = try writer.send(&message, more: false)
            }
            let hasReceived = try reader.receive(into: &message)
            #expect(hasReceived)
            let signal = WakeUpSignal()
            var wait = PollWait(wakeUp: signal)
            wait.add(reader, .readable)
            let isOver = wait.isOver()
            #expect(isOver)
        }
    }
}
