import MessageBus
import SeededRandom
import Testing

@testable import Callbacks

struct DecisionLogTests {
    private static func decision(_ number: UInt64, _ trail: DecisionLog.Trail = .init()) -> DecisionLog.Decision {
        DecisionLog.Decision(
            number: number,
            epoch: 1,
            ended: MonotonicTime(nanoseconds: number),
            microseconds: 0,
            callback: 0,
            module: -1,
            outcome: .continue,
            trail: trail
        )
    }

    @Test func theNewestDecisionsAreKept() {
        var log = DecisionLog(decisionsMax: 3)
        for number in 1...5 { log.add(Self.decision(UInt64(number))) }
        #expect(log.newest(10).map(\.number) == [5, 4, 3])
        #expect(log.newest(2).map(\.number) == [5, 4])
        #expect(log[2] == nil)
        #expect(log[3]?.number == 3)
    }

    @Test func aLogThatIsOffKeepsNothing() {
        #expect(DecisionLog(decisionsMax: 0).isOff)
        #expect(DecisionLog(decisionsMax: 0).newest(1).isEmpty)
    }

    @Test(arguments: 0..<20)
    func theStepsOfChainsThatRunTogetherAreKeptApart(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var log = DecisionLog(decisionsMax: 16)
        var running: [UInt64: (trail: DecisionLog.Trail, steps: [StepRecord])] = [:]
        var kept: [UInt64: [StepRecord]] = [:]
        for number in 1...400 as ClosedRange<UInt64> {
            running[number] = (.init(), [])
            for _ in 0..<3 {
                guard let chain = running.keys.sorted().randomElement(using: &random) else { continue }
                let record = StepRecord(.answer, module: Int.random(in: 0..<1000, using: &random))
                running[chain]?.steps.append(record)
                log.add(record, ofChain: chain, to: &running[chain, default: (.init(), [])].trail)
            }
            guard running.count > 4, let chain = running.keys.sorted().randomElement(using: &random),
                let ended = running.removeValue(forKey: chain)
            else { continue }
            log.add(Self.decision(chain, ended.trail))
            kept[chain] = ended.steps
        }
        for decision in log.newest(100) {
            let steps = kept[decision.number] ?? []
            #expect(decision.trail.count == steps.count)
            #expect(steps.suffix(log.steps(of: decision).count) == log.steps(of: decision)[...])
        }
        #expect(log.newest(1).map { log.steps(of: $0).isEmpty } == [kept[log.newest(1)[0].number]?.isEmpty])
    }
}
