import MessageBus
import SeededRandom
import Testing

@testable import Callbacks

struct WaitingLineTests {
    @Test func whoCameFirstIsFirst() {
        var line = WaitingLine()
        for id in 1...3 as ClosedRange<UInt64> { line.append(.init(id: id, column: Int(id % 2))) }
        #expect(line.first(except: [])?.id == 1)
        #expect(line.first(except: [1])?.id == 2)
        #expect(line.first(except: [0, 1]) == nil)
        line.remove(1)
        line.remove(7)
        #expect(line.count == 2)
        #expect(line.first(except: [0])?.id == 3)
    }
}

struct LatencyEstimateTests {
    private func time(_ milliseconds: UInt64) -> MonotonicTime { .init(nanoseconds: milliseconds * 1_000_000) }

    @Test func itRisesAtOnceAndFallsSlowly() {
        var estimate = LatencyEstimate()
        estimate.note(since: self.time(1000), at: self.time(1001))
        let fast = estimate.cost(outgoing: 0, at: self.time(1001))
        estimate.note(since: self.time(1001), at: self.time(1101))
        let slow = estimate.cost(outgoing: 0, at: self.time(1101))
        #expect(slow >= 64 * fast)
        estimate.note(since: self.time(1101), at: self.time(1102))
        #expect(estimate.cost(outgoing: 0, at: self.time(1102)) == slow)
    }

    @Test func aReplicaThatWasSlowIsTriedAgainAfterAWhile() {
        var estimate = LatencyEstimate()
        estimate.note(since: self.time(0), at: self.time(1000))
        let slow = estimate.cost(outgoing: 0, at: self.time(1000))
        #expect(estimate.cost(outgoing: 0, at: self.time(3200)) == slow / 4)
        #expect(estimate.cost(outgoing: 0, at: self.time(3_600_000)) == 1 << 17)
    }

    @Test func whatIsFasterThanAMessageIsEquallyFast() {
        var estimate = LatencyEstimate()
        estimate.note(since: .init(nanoseconds: 0), at: .init(nanoseconds: 90_000))
        #expect(estimate == estimate)
        #expect(
            estimate.cost(outgoing: 3, at: self.time(0)) == 4 * LatencyEstimate().cost(outgoing: 0, at: self.time(0))
        )
    }

    /// One caller of whom `window` calls are always under way, and three replicas of which one is ten times as slow.
    @Test(arguments: 0..<8)
    func oneSlowReplicaOfThreeGetsFewCalls(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let window = Int.random(in: 1...64, using: &random)
        var replicas = Array(repeating: (estimate: LatencyEstimate(), outgoing: 0, calls: 0), count: 3)
        var underWay: [(replica: Int, start: UInt64, end: UInt64)] = []
        var now: UInt64 = 1_000_000_000
        for _ in 0..<6000 {
            while underWay.count < window {
                let time = MonotonicTime(nanoseconds: now)
                let costs = replicas.map { $0.estimate.cost(outgoing: $0.outgoing, at: time) }
                let replica = costs.indices.min { costs[$0] < costs[$1] } ?? 0
                let usual: ClosedRange<UInt64> = replica == 1 ? 7_000_000...13_000_000 : 700_000...1_300_000
                underWay.append((replica, now, now + UInt64.random(in: usual, using: &random)))
                replicas[replica].outgoing += 1
                replicas[replica].calls += 1
            }
            let next = underWay.indices.min { underWay[$0].end < underWay[$1].end } ?? 0
            let done = underWay.remove(at: next)
            now = max(now, done.end)
            replicas[done.replica].outgoing -= 1
            replicas[done.replica].estimate.note(
                since: .init(nanoseconds: done.start),
                at: .init(nanoseconds: now)
            )
        }
        let share = Double(replicas[1].calls) / Double(replicas.map(\.calls).reduce(0, +))
        #expect(share < 0.1, "the slow one had \(share) of the calls with \(window) under way")
        #expect(replicas[1].calls > 0)
    }
}
