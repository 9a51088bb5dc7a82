import Caching
import MessageBus
import SeededRandom
import WireProtocol

/// One seed's world: the real cores of service and clients on a virtual network, with a source that is written to and readers that look for
/// what is out of date.
///
/// The network loses, delays and repeats invalidations, cuts processes off, and the service is killed and started again. Calls are
/// repeated by those who make them, so their loss shows as delay. A process may be paused: it reads nothing, and then serves from what it
/// has. An object, because it is one world and never copied. Everything that is random comes from the seed, and nothing depends on the order
/// of a dictionary, so a seed is replayed event by event.
public final class CacheWorld {
    /// What a run came to.
    public struct Report: Sendable {
        public var seed: UInt64
        public var events = 0
        public var reads = 0
        public var hits = 0
        public var loads = 0
        /// The longest that a value was served after the acknowledgement of its invalidation, in milliseconds.
        public var worst = 0.0
        public var restarts = 0
        public var flushes = 0
        public var replays = 0
        /// A number that is another one if anything happened otherwise.
        public var digest: UInt64 = 0
        public var violation: CacheViolation?
        /// What happened last; empty unless it was asked for.
        public var log: [String] = []
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

    let settings: CacheSettings
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
    var report: Report
    let isLogging: Bool

    init(_ settings: CacheSettings, isLogging: Bool) {
        self.settings = settings
        self.isLogging = isLogging
        self.report = Report(seed: settings.seed)
        self.random = SplitMix64(seed: settings.seed)
        self.source = Array(repeating: 0, count: settings.keys)
        self.acknowledged = Array(repeating: [], count: settings.keys)
        self.service = Self.makeService(settings, epoch: 1)
        self.processes = (0..<settings.processes).map { VirtualProcess(number: $0, settings) }
    }

    static func makeService(_ settings: CacheSettings, epoch: UInt64) -> CacheServiceCore {
        var limits = CacheServiceLimits()
        limits.replayMax = settings.replayMax
        limits.tagsMax = settings.tagsMax
        limits.leaseTime = .milliseconds(500)
        // The virtual network has no heartbeats.
        limits.heartbeatMilliseconds = 30_000
        limits.liveness = 100
        return CacheServiceCore(epoch: epoch, incarnation: "virtual", limits: limits, rules: settings.rules)
    }

    /// Runs a seed to its end or to the first violation; a violation is run once more for its log.
    public static func run(_ settings: CacheSettings, isLogging: Bool = false) -> Report {
        let world = CacheWorld(settings, isLogging: isLogging)
        world.run()
        guard world.report.violation != nil, !isLogging else { return world.report }
        return Self.run(settings, isLogging: true)
    }

    private func run() {
        self.start()
        while self.time.now < self.settings.milliseconds, let event = self.time.next() {
            self.report.events += 1
            self.digest(self.time.now.bitPattern)
            self.handle(event)
            guard let violation = self.report.violation else { continue }
            self.note("VIOLATION of \(violation)")
            break
        }
        for process in self.processes {
            self.report.flushes += process.coherence.statistics.flushes
            self.report.replays += process.coherence.statistics.replays
        }
    }

    private func start() {
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

    func uniform(_ length: Double) -> Double {
        Double.random(in: 0..<length, using: &self.random)
    }

    private func handle(_ event: Event) {
        switch event {
        case .write: self.write()
        case .read(let process): self.read(process)
        case .ping(let process): self.ping(process)
        case .cutOff(let process): self.cutOff(process)
        case .reconnect(let process): self.reconnect(process)
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

// MARK: Words

extension CacheWorld {
    func note(_ words: @autoclosure () -> String) {
        guard self.isLogging else { return }
        if self.report.log.count >= 4000 { self.report.log.removeFirst(2000) }
        let microseconds = UInt64(self.time.now * 1000)
        let fraction = String(microseconds % 1000 + 1000).dropFirst()
        self.report.log.append("\(microseconds / 1000).\(fraction) ms  \(words())")
    }

    /// Mixes a number into the digest: FNV-1a.
    func digest(_ number: UInt64) {
        self.report.digest = (self.report.digest ^ number) &* 0x0000_0100_0000_01B3
    }
}

extension CacheWorld.Report: CustomStringConvertible {
    public var description: String {
        guard let violation = self.violation else {
            return
                "seed \(self.seed): \(self.events) events, \(self.reads) reads, digest \(String(self.digest, radix: 16))"
        }
        return
            "seed \(self.seed) breaks \(violation)\nonce more, in words: make simulate WORLD=caches SEED=\(self.seed)"
    }
}
