import Testing

@testable import MessageBus

struct BackoffTests {
    @Test func pausesDoubleUpToTheirBound() {
        var backoff = Backoff()
        let pauses = (0..<10).map { _ in backoff.next() }
        #expect(pauses.prefix(4) == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(pauses == pauses.sorted())
        #expect(pauses.last == .seconds(5))
        backoff.reset()
        let outcome = backoff.next()
        #expect(outcome == .milliseconds(100))
    }
}
