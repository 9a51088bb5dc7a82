import Testing

@testable import UpdateSimulation

/// The promises of workers and their database, on the real cores: two hundred schedules in which everything goes wrong that can.
struct UpdateSimulationTests {
    private static let seeds: Range<UInt64> = 1..<201

    @Test func twoHundredSchedulesBreakNoRule() {
        var totals = UpdateTotals()
        for seed in Self.seeds {
            let report = UpdateWorld.run(UpdateSettings(seed: seed))
            totals.add(report)
            guard let violation = report.violation else { continue }
            Issue.record("seed \(report.seed): \(violation)\n\(report.log.suffix(60).joined(separator: "\n"))")
            break
        }
        // It proves nothing if nothing happens.
        #expect(totals.batches > 15_000)
        #expect(totals.rows > 40_000)
    }

    @Test(arguments: [3, 17, 40] as [UInt64])
    func aSeedIsReplayedEventByEvent(seed: UInt64) {
        let first = UpdateWorld.run(UpdateSettings(seed: seed))
        let second = UpdateWorld.run(UpdateSettings(seed: seed), isLogging: true)
        #expect(first.events == second.events)
        #expect(first.digest == second.digest)
        #expect(!second.log.isEmpty)
        #expect(UpdateWorld.run(UpdateSettings(seed: seed + 1)).digest != first.digest)
    }

    @Test(arguments: UpdateMutant.allCases)
    func aWorkerThatLacksARuleIsFoundOut(mutant: UpdateMutant) {
        for seed in 1...400 as ClosedRange<UInt64> {
            let report = UpdateWorld.run(UpdateSettings(seed: seed, mutant: mutant))
            guard let violation = report.violation else { continue }
            print("\(mutant.rawValue): seed \(seed) breaks \(violation)")
            #expect(UpdateWorld.run(UpdateSettings(seed: seed, mutant: mutant)).violation == violation)
            return
        }
        Issue.record("\(mutant) is not found")
    }
}
