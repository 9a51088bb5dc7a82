import SeededRandom
import Testing

@testable import MessageBus

struct PeerLivenessTests {
    /// What happens at a millisecond, and what is reported then; the interval is 100 ms, the liveness 3.
    enum Step {
        case heard(UInt64)
        case sent(UInt64)
        case expect(UInt64, PeerLiveness.Event?)
    }

    static let tables: [[Step]] = [
        // Silence on both sides.
        [
            .expect(99, nil), .expect(100, .ping), .expect(100, nil), .expect(199, nil), .expect(200, .unresponsive),
            .expect(200, .ping), .expect(300, .ping), .expect(599, .ping), .expect(600, .lost), .expect(700, nil),
        ],
        // What is sent saves a ping, what is heard saves the rest.
        [
            .sent(90), .expect(189, nil), .expect(190, .ping), .heard(195), .expect(394, .ping),
            .expect(395, .unresponsive),
            .heard(396), .sent(396), .expect(495, nil), .expect(496, .ping), .expect(596, .unresponsive),
        ],
        // A long sleep: the gravest at once, and nothing after it.
        [.expect(10_000, .lost), .heard(10_001), .expect(10_002, nil), .expect(20_000, nil)],
    ]

    @Test(arguments: tables.indices)
    func everyStepReportsWhatIsDue(table: Int) {
        var liveness = PeerLiveness(intervalMilliseconds: 100, liveness: 3, now: .at(0))
        for step in Self.tables[table] {
            switch step {
            case .heard(let time): liveness.heard(at: .at(time))
            case .sent(let time): liveness.sent(at: .at(time))
            case .expect(let time, let event):
                let reported = liveness.advance(to: .at(time))
                #expect(reported == event, "at \(time)")
            }
        }
    }

    @Test func comingBackIsToldOnce() {
        var liveness = PeerLiveness(intervalMilliseconds: 100, liveness: 3, now: .at(0))
        let outcome = liveness.heard(at: .at(1))
        #expect(!outcome)
        _ = liveness.advance(to: .at(201))
        #expect(liveness.state == .unresponsive)
        let outcome2 = liveness.heard(at: .at(202))
        #expect(outcome2)
        let outcome3 = liveness.heard(at: .at(203))
        #expect(!outcome3)
        #expect(liveness.state == .responsive)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func theNextDeadlineIsNeverLaterThanTheNextEvent(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var liveness = PeerLiveness(intervalMilliseconds: 50, liveness: 2, now: .at(0))
        var now: UInt64 = 0
        for _ in 0..<2000 where liveness.state != .lost {
            let deadline = liveness.nextDeadline
            if Bool.random(using: &random) { liveness.heard(at: .at(now)) }
            if Int.random(in: 0..<4, using: &random) == 0 { liveness.sent(at: .at(now)) }
            let isDue = liveness.advance(to: .at(now)) != nil
            if isDue, let deadline { #expect(deadline <= .at(now)) }
            now += UInt64.random(in: 0...40, using: &random)
        }
    }

    @Test func absurdIntervalsDoNotOverflow() {
        var liveness = PeerLiveness(
            intervalMilliseconds: .max,
            liveness: .max,
            now: MonotonicTime(nanoseconds: .max - 1)
        )
        let outcome = liveness.advance(to: MonotonicTime(nanoseconds: .max - 1))
        #expect(outcome == nil)
        #expect(PeerLiveness(intervalMilliseconds: 0, liveness: 0, now: .at(0)).nextDeadline == .at(1))
    }
}
