import Testing

@testable import Simulation

/// The promises of dispatcher and peers, on the real cores: a thousand schedules in which everything goes wrong that can.
struct SimulationTests {
    private static let seeds: Range<UInt64> = 1..<1001
    /// As many as a small machine has processors.
    private static let lanes: UInt64 = 2

    @Test func aThousandSchedulesBreakNoRule() async throws {
        let reports = try await withThrowingTaskGroup(of: [Simulation.Report].self) { group in
            for lane in 0..<Self.lanes {
                group.addTask { @concurrent in
                    try Self.seeds.filter { $0 % Self.lanes == lane }.map { seed in
                        try Simulation.run(Settings(seed: seed, isBrief: true))
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for report in reports {
            guard let violation = report.violation else { continue }
            Issue.record("seed \(report.seed): \(violation)\n\(report.log.suffix(60).joined(separator: "\n"))")
        }
        // It proves nothing if nothing happens, or if nobody dares to say.
        #expect(reports.map(\.calls).reduce(0, +) > 15_000)
        let verdicts = reports.map(\.verdicts).reduce(0, +)
        #expect(verdicts > 10_000)
        #expect(reports.map(\.ambiguous).reduce(0, +) * 1000 < verdicts)
    }

    @Test(arguments: [3, 17, 40] as [UInt64])
    func aSeedIsReplayedEventByEvent(seed: UInt64) throws {
        let first = try Simulation.run(Settings(seed: seed, isBrief: true))
        let second = try Simulation.run(Settings(seed: seed, isBrief: true), isLogging: true)
        #expect(first.events == second.events)
        #expect(first.digest == second.digest)
        #expect(!second.log.isEmpty)
        let other = try Simulation.run(Settings(seed: seed + 1, isBrief: true))
        #expect(other.digest != first.digest)
    }

    @Test(arguments: Mutant.allCases)
    func aDispatcherThatLacksARuleIsFoundOut(mutant: Mutant) throws {
        for seed in 1...400 as ClosedRange<UInt64> {
            let report = try Simulation.run(Settings(seed: seed, mutant: mutant, isBrief: true))
            guard let violation = report.violation else { continue }
            print("\(mutant.rawValue): seed \(seed) breaks \(violation)")
            let again = try Simulation.run(Settings(seed: seed, mutant: mutant, isBrief: true))
            #expect(again.violation == violation)
            return
        }
        Issue.record("\(mutant) is not found")
    }
}
