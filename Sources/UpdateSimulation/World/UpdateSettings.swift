import BackgroundUpdates
import SeededRandom
import Simulation

/// What one schedule of workers and updates is like: everything is drawn from its seed.
public struct UpdateSettings: Sendable {
    /// An update and how its rows do.
    struct Update: Sendable {
        var name: String
        var kind: UpdateKind
        /// Whether a worker knows what it means.
        var isKnown: Bool
        var dependsOn: String?
        var ordering: Int64
        /// What a row costs, in milliseconds.
        var rowCost: Double
        /// How many of a hundred batches fail.
        var trouble: Int
        /// Whether it fails for good.
        var isBroken: Bool
    }

    public let seed: UInt64
    /// The rule that is broken on purpose; nil for none.
    public var mutant: UpdateMutant?
    var updates: [Update]
    var rows: Int
    var workers: Int
    /// How many machines they are on.
    var hosts: Int
    /// How long things go wrong, in milliseconds.
    var length: Double
    /// The pause between two of them, in milliseconds; nil for fair weather.
    var faultPause: Double?
    /// The pause between two things that an operator does; nil when none is there.
    var operatorPause: Double?
    /// The pause between two changes of rows by others; nil when there are none.
    var writePause: Double?
    /// How a module that paces updates behaves; nil when there is none.
    var controller: VirtualController?
    /// The longest that the module thinks that maps rows, in milliseconds.
    var thinking: Double
    /// Whether the clocks of the machines may differ and jump.
    var hasClockTrouble: Bool
    /// How many of a thousand commits fail, and how many are not heard of.
    var commitTrouble: Int

    public init(seed: UInt64, mutant: UpdateMutant? = nil) {
        var random = SplitMix64(seed: seed &* 0x2545_F491_4F6C_DD1D &+ 13)
        self.seed = seed
        self.mutant = mutant
        self.rows = random.pick([0, 3, 40, 150, 400])
        self.workers = random.pick([1, 2, 2, 3])
        self.hosts = Int.random(in: 1...self.workers, using: &random)
        self.length = random.pick([10_000, 60_000, 240_000])
        self.faultPause = random.pick([nil, 1500, 5000, 20_000])
        self.operatorPause = random.pick([nil, 4000, 20_000])
        self.writePause = random.pick([nil, 40, 800])
        self.controller = random.percent(50) ? VirtualController(&random) : nil
        self.thinking = random.pick([5, 300, 4900])
        self.hasClockTrouble = random.percent(25)
        self.commitTrouble = random.pick([0, 0, 40, 150])
        self.updates = Self.updates(&random)
    }

    private static func updates(_ random: inout SplitMix64) -> [Update] {
        let count = Int.random(in: 1...5, using: &random)
        var updates: [Update] = []
        for number in 0..<count {
            var dependsOn: String?
            // On another, on one that is not there, or in a circle.
            if random.percent(40) { dependsOn = "u\(Int.random(in: 0...count, using: &random))" }
            updates.append(
                Update(
                    name: "u\(number)",
                    kind: random.pick([.sql, .sql, .rows, .rows, .index]),
                    isKnown: random.percent(90),
                    dependsOn: dependsOn,
                    ordering: Int64(random.pick([0, 0, 1, 2])),
                    rowCost: random.pick([0.02, 0.5, 4, 40]),
                    trouble: random.pick([0, 0, 10, 60]),
                    isBroken: random.percent(6)
                )
            )
        }
        return updates
    }
}

/// How a module that paces updates answers.
struct VirtualController: Sendable {
    /// How many of a hundred answers are to wait.
    var waits: Int
    /// How many of a hundred answers make no sense, and how many do not come.
    var nonsense: Int
    var silence: Int
    var milliseconds: Double
    var sleep: Double?
    var firstSize: Int64
    var minimum: Int64

    init(_ random: inout SplitMix64) {
        self.waits = random.pick([0, 10, 40])
        self.nonsense = random.pick([0, 10])
        self.silence = random.pick([0, 10])
        self.milliseconds = random.pick([5, 100, 400])
        self.sleep = random.pick([nil, 0, 50, 4900])
        self.firstSize = random.pick([1, 10, 100])
        self.minimum = random.pick([1, 1, 7])
    }
}
