import SeededRandom
import Testing

@testable import MessageBus

/// The wheel against a dictionary that is searched from end to end.
struct DeadlineWheelTests {
    struct Model {
        var wheel = DeadlineWheel()
        var deadlines: [Int: MonotonicTime] = [:]
        var lastExpiry = MonotonicTime(nanoseconds: 0)

        mutating func insert(_ deadline: MonotonicTime, now: MonotonicTime) {
            var index = 0
            while self.deadlines[index] != nil { index += 1 }
            self.wheel.insert(index, at: deadline, now: now)
            // What is overdue already is reported in the next tick.
            self.deadlines[index] = max(deadline, now)
        }

        mutating func remove(_ index: Int) {
            self.wheel.remove(index)
            self.deadlines[index] = nil
        }

        /// Never early, never twice, never later than the first call after the tick in which the deadline lies.
        mutating func expire(_ now: MonotonicTime) {
            var reported: [Int] = []
            self.wheel.expire(upTo: now) { reported.append($0) }
            for index in reported {
                guard let deadline = self.deadlines.removeValue(forKey: index) else {
                    Issue.record("\(index) was not in the wheel")
                    continue
                }
                if deadline > now { Issue.record("\(index) is early: \(deadline) at \(now)") }
            }
            let overdue = self.deadlines.filter { $0.value.adding(milliseconds: 1) <= now }
            if !overdue.isEmpty { Issue.record("late at \(now): \(overdue)") }
            self.lastExpiry = now
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func randomOperationsAgreeWithTheModel(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var model = Model()
        var now = MonotonicTime(nanoseconds: UInt64.random(in: 0...(1 << 50), using: &random))
        for _ in 0..<1500 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0...2:
                guard model.deadlines.count < 60 else { break }
                model.insert(Self.deadline(from: now, using: &random), now: now)
            case 3:
                if let index = model.deadlines.keys.min() { model.remove(index) }
            default:
                now = now + Self.step(using: &random)
                model.expire(now)
            }
            Self.expectDeadline(of: model)
        }
        model.expire(now + .seconds(700))
        #expect(model.deadlines.isEmpty)
        #expect(model.wheel.nextDeadline == nil)
    }

    /// Near, a turn away, many turns away, and past.
    private static func deadline(from now: MonotonicTime, using random: inout SplitMix64) -> MonotonicTime {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: MonotonicTime(nanoseconds: now.nanoseconds - min(now.nanoseconds, 5_000_000))
        case 1: now + .nanoseconds(Int64.random(in: 0...3_000_000, using: &random))
        case 2: now + .milliseconds(Int64.random(in: 4090...4102, using: &random))
        case 3: now + .milliseconds(Int64.random(in: 1...600_000, using: &random))
        default: now + .microseconds(Int64.random(in: 1...100_000, using: &random))
        }
    }

    /// A turn of the loop, a sleep, and a process that was stopped for minutes.
    private static func step(using random: inout SplitMix64) -> Duration {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: .seconds(Int64.random(in: 1...300, using: &random))
        case 1...4: .milliseconds(Int64.random(in: 1...5000, using: &random))
        default: .nanoseconds(Int64.random(in: 0...3_000_000, using: &random))
        }
    }

    /// Who sleeps until the next deadline never oversleeps, and never wakes for ever.
    private static func expectDeadline(of model: Model) {
        guard let next = model.wheel.nextDeadline else {
            if !model.deadlines.isEmpty { Issue.record("no deadline, but \(model.deadlines.count) entries") }
            return
        }
        guard let earliest = model.deadlines.values.min() else {
            Issue.record("a deadline without entries")
            return
        }
        let latest = max(earliest.adding(milliseconds: 1), model.lastExpiry.adding(milliseconds: 1))
        if next > latest { Issue.record("oversleeps: \(next) for \(earliest)") }
    }

    @Test func sleepingUntilTheNextDeadlineMakesProgress() {
        var wheel = DeadlineWheel()
        wheel.insert(0, at: .at(10_000), now: .at(1))
        var reported = false
        var wakeUps = 0
        while !reported, let next = wheel.nextDeadline, wakeUps < 1000 {
            wheel.expire(upTo: next) { _ in reported = true }
            wakeUps += 1
        }
        #expect(reported)
        // 64 slots are looked at: about 16 wake-ups a second, and one for each visit to a slot of a later turn.
        #expect(wakeUps < 170)
    }

    @Test func theEndOfTimeIsADeadlineLikeAnyOther() {
        var wheel = DeadlineWheel()
        wheel.insert(0, at: MonotonicTime(nanoseconds: .max), now: .at(5))
        var reported: [Int] = []
        wheel.expire(upTo: .at(1_000_000)) { reported.append($0) }
        #expect(reported.isEmpty)
        wheel.remove(0)
        wheel.remove(0)
        wheel.remove(99)
        #expect(wheel.nextDeadline == nil)
    }
}
