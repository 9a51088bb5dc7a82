import CacheHistory
import MessageBus
import SeededRandom
import WireProtocol

@testable import Caching

/// The real cores of service and clients on a virtual network, with a source that is written to and readers that look for what is out of date.
///
/// The network loses, delays and repeats invalidations, cuts processes off, and the service is killed and started again. Calls are
/// repeated by those who make them, so their loss shows as delay. A process may be paused: it reads nothing, and then serves from what it
/// has. Everything that is random comes from one seed.
struct CacheSimulation {
    struct Settings {
        var seed: UInt64
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
    }

    struct Result {
        var reads = 0
        var hits = 0
        var loads = 0
        /// Reads of what was out of date for longer than Δ.
        var violations = 0
        /// The longest that a value was served after the acknowledgement of its invalidation, in milliseconds.
        var worst = 0.0
        var restarts = 0
        var flushes = 0
        var replays = 0
    }

    /// Δ, in milliseconds.
    static let staleness = 100.0

    enum Event {
        case write
        case read(process: Int)
        case ping(process: Int)
        case cutOff(process: Int)
        case reconnect(process: Int)
        case pause(process: Int)
        case resume(process: Int)
        case crash
        case restart
        /// A call reaches the service.
        case request(VirtualCall)
        /// A reply reaches its caller.
        case reply(VirtualCall, Envelope)
        /// An invalidation reaches a process.
        case push(process: Int, Envelope)
        /// A load has read its source.
        case readSource(VirtualLoad)
        case finishLoad(VirtualLoad)
    }

    let settings: Settings
    var random: SplitMix64
    var time = VirtualTime<Event>()
    var service: CacheServiceCore
    var isUp = true
    var epoch: UInt64 = 1
    var processes: [VirtualProcess]
    var calls: [UInt64: VirtualCall] = [:]
    var nextCall: UInt64 = 0
    /// The source: for each key how often it was written.
    var source: [Int]
    /// For each key the writes whose invalidations were acknowledged, with the time of it.
    var acknowledged: [[(at: Double, version: Int)]]
    var result = Result()

    init(_ settings: Settings) {
        self.settings = settings
        self.random = SplitMix64(seed: settings.seed)
        self.source = Array(repeating: 0, count: settings.keys)
        self.acknowledged = Array(repeating: [], count: settings.keys)
        self.service = Self.makeService(settings, epoch: 1)
        self.processes = (0..<settings.processes).map { VirtualProcess(number: $0, settings) }
    }

    static func makeService(_ settings: Settings, epoch: UInt64) -> CacheServiceCore {
        var limits = CacheServiceLimits()
        limits.replayMax = settings.replayMax
        limits.tagsMax = settings.tagsMax
        limits.leaseTime = .milliseconds(500)
        // The virtual network has no heartbeats.
        limits.heartbeatMilliseconds = 30_000
        limits.liveness = 100
        return CacheServiceCore(epoch: epoch, incarnation: "virtual", limits: limits, rules: settings.rules)
    }

    static func run(_ settings: Settings) -> Result {
        var simulation = CacheSimulation(settings)
        simulation.start()
        while simulation.time.now < settings.milliseconds, let event = simulation.time.next() {
            simulation.handle(event)
        }
        for process in simulation.processes {
            simulation.result.flushes += process.coherence.statistics.flushes
            simulation.result.replays += process.coherence.statistics.replays
        }
        return simulation.result
    }

    private mutating func start() {
        for process in self.processes.indices {
            self.connect(process)
            self.time.schedule(after: 1, .read(process: process))
            self.time.schedule(after: self.uniform(20), .ping(process: process))
            self.time.schedule(after: self.random.exponential(mean: 3000), .cutOff(process: process))
            self.time.schedule(after: self.random.exponential(mean: 4000), .pause(process: process))
        }
        self.time.schedule(after: self.random.exponential(mean: 15), .write)
        self.time.schedule(after: self.random.exponential(mean: 3000), .crash)
    }

    var now: MonotonicTime { MonotonicTime(virtual: self.time.now) }

    mutating func uniform(_ length: Double) -> Double {
        Double.random(in: 0..<length, using: &self.random)
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .write: self.write()
        case .read(let process): self.read(process)
        case .ping(let process): self.ping(process)
        case .cutOff(let process): self.cutOff(process)
        case .reconnect(let process): self.processes[process].isCutOff = false
        case .pause(let process): self.pause(process)
        case .resume(let process): self.resume(process)
        case .crash: self.crash()
        case .restart: self.restart()
        case .request(let call): self.request(call)
        case .reply(let call, let envelope): self.reply(call, envelope)
        case .push(let process, let envelope): self.push(process, envelope)
        case .readSource(let load): self.readSource(load)
        case .finishLoad(let load): self.finishLoad(load)
        }
    }
}

// MARK: - Faults

extension CacheSimulation {
    private mutating func cutOff(_ process: Int) {
        self.processes[process].isCutOff = true
        self.time.schedule(after: 200 + self.uniform(600), .reconnect(process: process))
        self.time.schedule(after: 1000 + self.random.exponential(mean: 3000), .cutOff(process: process))
    }

    private mutating func pause(_ process: Int) {
        self.processes[process].isPaused = true
        self.time.schedule(after: 50 + self.uniform(400), .resume(process: process))
        self.time.schedule(after: 1000 + self.random.exponential(mean: 4000), .pause(process: process))
    }

    /// What came while the process was paused is read after the first reads: the worst order for it.
    private mutating func resume(_ process: Int) {
        self.processes[process].isPaused = false
        for _ in 0..<self.settings.keys { self.readOnce(process) }
        let missed = self.processes[process].missed
        self.processes[process].missed = []
        for event in missed { self.time.schedule(after: self.uniform(2), event) }
    }

    private mutating func crash() {
        self.isUp = false
        self.time.schedule(after: 150, .restart)
        self.time.schedule(after: 500 + self.random.exponential(mean: 3000), .crash)
    }

    private mutating func restart() {
        guard !self.isUp else { return }
        self.result.restarts += 1
        if !self.settings.keepsEpoch { self.epoch += 1 }
        self.service = Self.makeService(self.settings, epoch: self.epoch)
        self.isUp = true
        for process in self.processes.indices { self.connect(process) }
    }

    private mutating func connect(_ process: Int) {
        let hello = Hello(
            id: "process",
            role: .host,
            version: "",
            incarnation: "\(process)",
            heartbeatMilliseconds: 30_000
        )
        var ignored: [RouterAction] = []
        let peer = PeerID(rawValue: UInt32(process))
        self.service.receive(
            Envelope(Header(kind: .hello), body: hello.encoded()),
            from: peer,
            at: self.now,
            into: &ignored
        )
        self.service.receive(Envelope(Header(kind: .ready)), from: peer, at: self.now, into: &ignored)
    }
}
