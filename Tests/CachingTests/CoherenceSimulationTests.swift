import Foundation
import Testing

@testable import CacheSimulation

/// The promise of the cache, on the real cores: nothing is served longer than Δ after the acknowledgement of its invalidation.
///
/// `GANGLION_CACHE_SEEDS` makes the search longer.
struct CoherenceSimulationTests {
    private static let seeds: ClosedRange<UInt64> = {
        let text = ProcessInfo.processInfo.environment["GANGLION_CACHE_SEEDS"]
        return 1...max(1, text.flatMap(UInt64.init) ?? 2)
    }()

    private static func run(_ change: (inout CacheSettings) -> Void) -> CacheTotals {
        var totals = CacheTotals()
        for seed in Self.seeds {
            var settings = CacheSettings(seed: seed)
            change(&settings)
            Self.run(settings, &totals)
        }
        return totals
    }

    private static func run(_ settings: CacheSettings, _ totals: inout CacheTotals) {
        let report = CacheWorld.run(settings)
        totals.add(report)
        guard let violation = report.violation else { return }
        Issue.record("seed \(report.seed): \(violation)\n\(report.log.suffix(60).joined(separator: "\n"))")
    }

    @Test(arguments: [0.0, 2, 40])
    func nothingIsServedLongerThanPromisedWhateverIsLost(lossPercent: Double) {
        let totals = Self.run { $0.lossPercent = lossPercent }
        #expect(totals.worst <= CacheWorld.staleness)
        // The promise is worth nothing if it is kept by never serving, or where nothing ever happens.
        #expect(totals.hits * 2 > totals.reads, "\(totals)")
        #expect(totals.restarts > 0 && totals.replays > 0 && totals.flushes > 0, "\(totals)")
    }

    @Test func nothingIsServedLongerThanPromisedWhenValuesAreMadeOfOthers() {
        let totals = Self.run { $0.hasNestedKeys = true }
        #expect(totals.hits * 2 > totals.reads, "\(totals)")
    }

    @Test func forgettingOldInvalidationsCostsHitsOnly() {
        let totals = Self.run {
            $0.tagsMax = 4
            $0.replayMax = 2
            $0.lossPercent = 10
        }
        #expect(totals.hits > 0)
    }

    @Test func nothingIsServedLongerThanPromisedWhateverTheWorldIsLike() {
        var totals = CacheTotals()
        for seed in 1...5 as ClosedRange<UInt64> { Self.run(CacheSettings(drawnFrom: seed), &totals) }
        #expect(totals.hits * 2 > totals.reads, "\(totals)")
    }

    @Test func aSeedIsReplayedEventByEvent() {
        let first = CacheWorld.run(CacheSettings(drawnFrom: 3))
        let second = CacheWorld.run(CacheSettings(drawnFrom: 3), isLogging: true)
        #expect(first.events == second.events)
        #expect(first.digest == second.digest)
        #expect(!second.log.isEmpty)
        #expect(CacheWorld.run(CacheSettings(drawnFrom: 4)).digest != first.digest)
    }

    @Test(arguments: CacheMutant.allCases)
    func aCacheThatLacksARuleIsFoundOut(mutant: CacheMutant) {
        for seed in 1...40 as ClosedRange<UInt64> {
            var settings = CacheSettings(seed: seed)
            settings.lossPercent = 2
            mutant.lack(in: &settings)
            guard let violation = CacheWorld.run(settings).violation else { continue }
            print("\(mutant.rawValue): seed \(seed) breaks \(violation)")
            #expect(CacheWorld.run(settings).violation == violation)
            return
        }
        Issue.record("\(mutant) is not found")
    }
}
