import Caching
import SeededRandom
import Simulation

/// What a world is like.
public struct CacheSettings: Sendable {
    public let seed: UInt64
    var rules = CoherenceRules.all
    /// How many invalidations of a hundred are lost.
    var lossPercent = 1.0
    var processes = 4
    var keys = 12
    var milliseconds = 6000.0
    var replayMax = 64
    var tagsMax = 1 << 16
    /// Every second key is computed from the key before it.
    var hasNestedKeys = false
    /// A service that starts again does so in the epoch of the one before.
    var keepsEpoch = false

    /// A world as most are, in which a seed says what happens.
    init(seed: UInt64) {
        self.seed = seed
    }

    /// A world of which the seed says also what it is like.
    public init(drawnFrom seed: UInt64, mutant: CacheMutant? = nil) {
        self.init(seed: seed)
        // Not the schedule's own chance: a world as most are has the same schedule.
        var random = SplitMix64(seed: ~seed)
        self.lossPercent = random.pick([0, 1, 1, 2, 10, 40])
        self.processes = Int.random(in: 2...6, using: &random)
        self.keys = Int.random(in: 2...16, using: &random)
        self.hasNestedKeys = random.percent(40)
        if random.percent(30) { self.replayMax = random.pick([2, 8]) }
        if random.percent(30) { self.tagsMax = random.pick([2, 4, 8]) }
        mutant?.lack(in: &self)
    }
}
