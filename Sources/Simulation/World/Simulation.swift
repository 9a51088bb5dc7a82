import Callbacks
import MessageBus
import SeededRandom
import WireProtocol

/// One seed's world: the real cores of dispatcher and peers on a virtual clock and network, where everything that can go wrong does.
///
/// An object, because it is one world and never copied. Everything that is random comes from the seed, and nothing depends on the order of a dictionary, so a seed is replayed event by event.
public final class Simulation {
    /// What a run came to.
    public struct Report: Sendable {
        public var seed: UInt64
        public var events = 0
        public var calls = 0
        /// Chains whose result was held against the reference.
        public var verdicts = 0
        /// Of them those in which it was too close to call who was up.
        public var ambiguous = 0
        /// A number that is another one if anything happened otherwise.
        public var digest: UInt64 = 0
        public var violation: Violation?
        /// What happened last; empty unless it was asked for.
        public var log: [String] = []
    }

    let settings: Settings
    var random: SplitMix64
    var time = VirtualTime<Event>()
    var links: [Link] = []
    var dispatcher = VirtualDispatcher()
    var peers: [VirtualPeer] = []
    var ledger: Ledger
    var report: Report
    let log: EventLog
    let configuration: DispatcherConfiguration
    /// That of a dispatcher that lacks a rule.
    let lacking: DispatcherConfiguration?
    var isCalm = false
    /// Whether anything went wrong that only silence tells.
    var isAnybodySilent = false
    var hasEnded = false
    var tableChanges = 0
    var nextToken = 0
    var nextProcess = 0
    /// What broke a rule outside of the dispatcher.
    var violation: Violation?

    var now: MonotonicTime { self.time.now }

    /// - Throws: ``CatalogueError`` when the simulated catalogue cannot be read.
    public init(_ settings: Settings, isLogging: Bool = false) throws {
        let terms = Terms(settings)
        self.configuration = try DispatcherConfiguration(settings, terms)
        self.lacking = try settings.mutant.map { try DispatcherConfiguration(settings, terms, mutant: $0) }
        self.settings = settings
        self.random = SplitMix64(seed: settings.seed)
        self.ledger = Ledger(terms)
        self.report = Report(seed: settings.seed)
        self.log = EventLog(isOn: isLogging)
    }

    /// Runs a seed to its end or to the first violation; a violation is run once more for its log.
    public static func run(_ settings: Settings, isLogging: Bool = false) throws -> Report {
        let simulation = try Simulation(settings, isLogging: isLogging)
        simulation.run()
        guard simulation.report.violation != nil, !isLogging else { return simulation.report }
        return try Self.run(settings, isLogging: true)
    }

    private func run() {
        self.begin()
        while !self.hasEnded, let event = self.time.next() {
            self.report.events += 1
            self.happen(event)
            guard let violation = self.ledger.violation ?? self.violation else { continue }
            self.report.violation = violation
            self.log.note(self.now, "VIOLATION of \(violation)")
            break
        }
        self.report.verdicts = self.ledger.verdicts
        self.report.ambiguous = self.ledger.ambiguous
        self.report.log = self.log.lines
    }

    private func begin() {
        self.startDispatcher()
        for module in 0..<self.settings.modules {
            for _ in 0..<self.settings.replicas { self.addPeer(.module(module), "m\(module)") }
        }
        for host in 0..<self.settings.hosts { self.addPeer(.host, "h\(host)") }
        for party in self.peers.indices {
            self.time.schedule(at: self.now.adding(span: self.random.span(0...40)), .peerStarts(party: party))
            guard self.peers[party].role == .host else { continue }
            self.time.schedule(at: self.now.adding(span: self.random.span(0...300)), .call(party: party))
        }
        if self.settings.faultPause != nil {
            self.time.schedule(at: self.now.adding(span: self.random.span(50...500)), .fault)
        }
        self.time.schedule(at: self.now.adding(span: Span.milliseconds(self.settings.length)), .calm)
    }

    @discardableResult
    func addPeer(_ role: VirtualPeer.Role, _ name: String) -> Int {
        self.peers.append(VirtualPeer(role: role, name: name))
        return self.peers.count - 1
    }

    func breaks(_ rule: Rule, _ message: String) {
        guard self.violation == nil else { return }
        self.violation = Violation(rule: rule, message: message, time: self.now)
    }

    /// Mixes a number into the digest: FNV-1a.
    func digest(_ number: UInt64) {
        self.report.digest = (self.report.digest ^ number) &* 0x0000_0100_0000_01B3
    }
}

extension Simulation.Report: CustomStringConvertible {
    public var description: String {
        guard let violation = self.violation else {
            return
                "seed \(self.seed): \(self.events) events, \(self.calls) calls, digest \(String(self.digest, radix: 16))"
        }
        return "seed \(self.seed) breaks \(violation)\nonce more, in words: make simulate SEED=\(self.seed)"
    }
}
