import SeededRandom

/// What one schedule is like: everything is drawn from its seed.
public struct Settings: Sendable {
    public let seed: UInt64
    /// The rule that is broken on purpose; nil for none.
    public var mutant: Mutant?
    var modules: Int
    var replicas: Int
    var hosts: Int
    /// How long calls are made and things go wrong, in milliseconds.
    var length: Double
    /// The pause between two calls of a host, in milliseconds.
    var callPause: Double
    /// The longest way of a message, in milliseconds.
    var delay: Double
    /// The pause between two things that go wrong, in milliseconds; nil for fair weather.
    var faultPause: Double?
    var heartbeat: UInt32
    var inFlightMax: Int
    /// How many calls wait for a full module.
    var queueMax = 0
    /// Whether nobody is stopped, so that the rules about time can be strict.
    var isDispatcherSteady: Bool
    /// Whether the end is waited for until connections of strangers are forgotten too.
    var isPatient: Bool
    /// How many of a hundred calls to modules do not go well.
    var trouble: Int

    /// The settings of a seed; a brief schedule is for where a thousand of them have to fit into a minute.
    public init(seed: UInt64, mutant: Mutant? = nil, isBrief: Bool = false) {
        // Not the generator of the run itself: a setting more must not change what happens otherwise.
        var random = SplitMix64(seed: seed &* 0x2545_F491_4F6C_DD1D &+ 11)
        self.seed = seed
        self.mutant = mutant
        self.modules = Int.random(in: 1...4, using: &random)
        self.replicas = random.pick([1, 1, 2, 3])
        self.hosts = random.pick([1, 1, 2])
        self.length = random.pick(isBrief ? [200, 400, 600] : [500, 1000, 2500])
        self.callPause = random.pick([8, 15, 40])
        self.delay = random.pick([0.2, 3, 25])
        self.faultPause = random.pick([nil, 40, 120, 400])
        self.heartbeat = random.pick([1000, 3000])
        self.inFlightMax = random.pick([4, 64, 1024])
        self.isDispatcherSteady = random.percent(50)
        self.isPatient = random.percent(isBrief ? 5 : 20)
        self.trouble = random.pick([0, 15, 40])
    }
}
