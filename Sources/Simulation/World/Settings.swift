import Callbacks
import SeededRandom
import WireProtocol

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
    var queueMax: Int
    /// How many calls have to fail before a circuit opens, and over how many milliseconds at least.
    var circuitFailures: Int
    var circuitPause: Int
    /// How many of a hundred calls may be made again.
    var retryPercent: Int
    /// How long a dispatcher that has just started waits for modules, in milliseconds.
    var settle: UInt32
    /// The module that is asked beside the chains.
    var shadow: Int?
    /// Whether the first module has to be there for a callback.
    var requiresFirst: Bool
    /// What the operator says of the failures of each module.
    var overrides: [[VirtualOverride]]
    /// Whether operators take modules out and back in.
    var isTurning: Bool
    /// Whether nobody is stopped, so that the rules about time can be strict.
    var isDispatcherSteady: Bool
    /// Whether the end is waited for until connections of strangers are forgotten too.
    var isPatient: Bool
    /// How many of a hundred calls to modules do not go well.
    var trouble: Int
    /// The callback that every other call is about, so that what is counted per callback comes to something in a short time.
    var favourite: Int?

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
        self.queueMax = random.pick([0, 2, 2, 256])
        self.circuitFailures = random.pick([0, 2, 4])
        self.circuitPause = random.pick([5, 30, 100])
        self.retryPercent = random.pick([0, 0, 20, 100])
        self.settle = random.pick([0, 0, 60, 200])
        self.shadow = self.modules > 1 && random.percent(30) ? Int.random(in: 0..<self.modules, using: &random) : nil
        self.requiresFirst = random.percent(30)
        self.isTurning = random.percent(30)
        self.overrides = (0..<self.modules).map { _ in random.percent(30) ? VirtualOverride.some(&random) : [] }
        self.favourite = Self.favourite(&random)
    }

    private static func favourite(_ random: inout SplitMix64) -> Int? {
        let all = VirtualCallback.all.indices
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return Int.random(in: all, using: &random)
        case 1: return random.pick(all.filter { VirtualCallback.all[$0].isIdempotent })
        default: return nil
        }
    }
}

extension VirtualOverride {
    /// What an operator may say of one module, for all callbacks or for one.
    fileprivate static func some(_ random: inout SplitMix64) -> [VirtualOverride] {
        let kinds: [FailureKind] = [.timeout, .lost, .overloaded, .error, .invalidResult, .noneUp]
        var overrides = [
            VirtualOverride(
                pattern: random.pick(["*", "sim/*"]),
                failures: [random.pick(kinds): random.pick([.goOn, .fail])]
            )
        ]
        if random.percent(60) {
            let named: [(String, JSONValue)] = [("sim/ask", "deny"), ("sim/strict", 2), ("sim/needed", "allow")]
            let (pattern, value) = random.pick(named)
            let actions: [VirtualCallback.Action] = [.goOn, .fail, .stop(value)]
            let failures = kinds.filter { _ in random.percent(40) }.map { ($0, random.pick(actions)) }
            overrides.append(
                VirtualOverride(pattern: pattern, failures: Dictionary(failures) { first, _ in first })
            )
        }
        return overrides
    }
}
