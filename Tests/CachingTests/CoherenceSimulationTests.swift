import Foundation
import Testing

@testable import Caching

/// The promise of the cache, on the real cores: nothing is served longer than Δ after the acknowledgement of its invalidation.
///
/// `GANGLION_CACHE_SEEDS` makes the search longer.
struct CoherenceSimulationTests {
    private static let seeds: ClosedRange<UInt64> = {
        let text = ProcessInfo.processInfo.environment["GANGLION_CACHE_SEEDS"]
        return 1...max(1, text.flatMap(UInt64.init) ?? 2)
    }()

    private static func run(_ settings: CacheSimulation.Settings, seeds: ClosedRange<UInt64>) -> CacheSimulation.Result
    {
        var sum = CacheSimulation.Result()
        for seed in seeds {
            var settings = settings
            settings.seed = seed
            let result = CacheSimulation.run(settings)
            sum.reads += result.reads
            sum.hits += result.hits
            sum.loads += result.loads
            sum.violations += result.violations
            sum.worst = max(sum.worst, result.worst)
            sum.restarts += result.restarts
            sum.flushes += result.flushes
            sum.replays += result.replays
        }
        return sum
    }

    @Test(arguments: [0.0, 2, 40])
    func nothingIsServedLongerThanPromisedWhateverIsLost(lossPercent: Double) {
        var settings = CacheSimulation.Settings(seed: 0)
        settings.lossPercent = lossPercent
        let result = Self.run(settings, seeds: Self.seeds)
        #expect(result.violations == 0, "\(result)")
        #expect(result.worst <= CacheSimulation.staleness)
        // The promise is worth nothing if it is kept by never serving, or where nothing ever happens.
        #expect(result.hits * 2 > result.reads, "\(result)")
        #expect(result.restarts > 0 && result.replays > 0 && result.flushes > 0, "\(result)")
    }

    @Test func nothingIsServedLongerThanPromisedWhenValuesAreMadeOfOthers() {
        var settings = CacheSimulation.Settings(seed: 0)
        settings.hasNestedKeys = true
        let result = Self.run(settings, seeds: Self.seeds)
        #expect(result.violations == 0, "\(result)")
        #expect(result.hits * 2 > result.reads, "\(result)")
    }

    @Test func forgettingOldInvalidationsCostsHitsOnly() {
        var settings = CacheSimulation.Settings(seed: 0)
        settings.tagsMax = 4
        settings.replayMax = 2
        settings.lossPercent = 10
        let result = Self.run(settings, seeds: Self.seeds)
        #expect(result.violations == 0, "\(result)")
        #expect(result.hits > 0)
    }

    static let mutants: [(name: String, without: CoherenceRules)] = [
        ("a near cache that does not compare marks with invalidations", .tagsAtHit),
        ("a service that does not compare marks with invalidations", .tagsInService),
        ("freshness counted from the answer", .freshFromRequest),
        ("freshness before the invalidations are applied", .freshWhenCaughtUp),
        ("no floor after a flush", .floorAfterFlush),
        ("the mark taken after the load", .markBeforeLoad),
    ]

    @Test(arguments: Self.mutants.indices)
    func everyRuleIsMissedWhenItIsTakenAway(mutant: Int) {
        var settings = CacheSimulation.Settings(seed: 0)
        settings.rules.remove(Self.mutants[mutant].without)
        settings.lossPercent = 2
        #expect(Self.isCaught(settings), "\(Self.mutants[mutant].name)")
    }

    @Test func aServiceThatKeepsItsEpochIsCaught() {
        var settings = CacheSimulation.Settings(seed: 0)
        settings.keepsEpoch = true
        #expect(Self.isCaught(settings))
    }

    @Test func aWholeThatLooksNewerThanItsPartIsCaught() {
        var settings = CacheSimulation.Settings(seed: 0)
        settings.rules.remove(.nestedMark)
        settings.hasNestedKeys = true
        #expect(Self.isCaught(settings))
    }

    /// Whether the simulation finds a violation within 40 schedules.
    private static func isCaught(_ settings: CacheSimulation.Settings) -> Bool {
        (1...40).contains { Self.run(settings, seeds: $0...$0).violations > 0 }
    }
}
