import Testing

@testable import MessageBus

struct MonotonicTimeTests {
    private let last = MonotonicTime(nanoseconds: .max)

    @Test(
        arguments: [
            .seconds(1), .seconds(18_446_744_073) + .milliseconds(999), .seconds(Int64.max), .nanoseconds(1),
        ] as [Duration]
    )
    func theEndOfTimeIsNotPassed(interval: Duration) {
        #expect(self.last + interval == self.last)
        #expect(self.last.adding(milliseconds: .max) == self.last)
    }

    @Test func aLongIntervalFromTheStartSaturates() {
        let start = MonotonicTime(nanoseconds: 0)
        #expect(start + .seconds(18_446_744_073) + .milliseconds(709) > start)
        #expect(start + (.seconds(18_446_744_073) + .milliseconds(999)) == self.last)
        #expect(start + .seconds(Int64.max) == self.last)
    }

    @Test func timeNeverRunsBackwards() {
        let now = MonotonicTime(nanoseconds: 5_000_000)
        #expect(now + .seconds(-1) == now)
        #expect(now.since(now + .seconds(1)) == .zero)
        #expect(now.millisecondsSince(now + .seconds(1)) == 0)
    }

    @Test func intervalsAreThoseBetween() {
        let start = MonotonicTime(nanoseconds: 7)
        #expect((start + .microseconds(1999)).millisecondsSince(start) == 1)
        #expect((start + .seconds(3)).since(start) == .seconds(3))
        #expect(self.last.millisecondsSince(start) == .max)
        #expect(self.last.since(start) == .nanoseconds(Int64.max))
        #expect(MonotonicTime.now() <= MonotonicTime.now())
    }
}
