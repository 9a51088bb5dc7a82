import BackgroundUpdates
import MessageBus
import SeededRandom
import Simulation

/// One seed's world: the real cores of workers on a virtual database and clock, where everything that can go wrong does.
///
/// An object, because it is one world and never copied. Everything that is random comes from the seed, and nothing depends on the order of a
/// dictionary, so a seed is replayed event by event.
public final class UpdateWorld {
    /// What a run came to.
    public struct Report: Sendable {
        public var seed: UInt64
        public var events = 0
        public var batches = 0
        public var rows = 0
        /// A number that is another one if anything happened otherwise.
        public var digest: UInt64 = 0
        public var violation: UpdateViolation?
        /// What happened last; empty unless it was asked for.
        public var log: [String] = []
    }

    enum Event {
        case start(worker: Int)
        /// What came of an action reaches the worker.
        case happened(worker: Int, process: Int, WorkerCore.Event)
        /// An action is performed, or tried once more.
        case perform(worker: Int, process: Int)
        case wake(worker: Int, process: Int, sleep: Int)
        /// The batch in hand goes on.
        case batch(worker: Int, process: Int)
        /// The module has thought about rows, or nobody heard it.
        case answered(worker: Int, process: Int, Result<RowChanges, BackgroundUpdatesError>)
        case commit(worker: Int, process: Int)
        case resume(worker: Int, process: Int)
        case unlock
        case repair
        case fault
        case operate
        case write
        case calm
        case end
    }

    /// Who holds the database's write lock.
    enum Locker: Equatable {
        case worker(Int, process: Int)
        case other
    }

    let settings: UpdateSettings
    let limits = WorkerLimits()
    var random: SplitMix64
    var time = VirtualTime<Event>()
    var store = VirtualStore()
    var locker: Locker?
    /// Whether the database can be opened.
    var isReadable = true
    /// Whether the module that maps rows is there.
    var isModuleUp = true
    var workers: [VirtualWorker] = []
    /// How far the clock of each machine is ahead, in milliseconds.
    var skews: [Int64] = []
    var isCalm = false
    var hasEnded = false
    var nextScope = 0
    var nextProcess = 0
    var ledger: UpdateLedger
    var report: Report
    let isLogging: Bool

    var now: MonotonicTime { self.time.now }
    var mutant: UpdateMutant? { self.settings.mutant }

    init(_ settings: UpdateSettings, isLogging: Bool) {
        self.settings = settings
        self.random = SplitMix64(seed: settings.seed)
        self.ledger = UpdateLedger(settings)
        self.report = Report(seed: settings.seed)
        self.isLogging = isLogging
    }

    /// Runs a seed to its end or to the first violation; a violation is run once more for its log.
    public static func run(_ settings: UpdateSettings, isLogging: Bool = false) -> Report {
        let world = UpdateWorld(settings, isLogging: isLogging)
        world.run()
        guard world.report.violation != nil, !isLogging else { return world.report }
        return Self.run(settings, isLogging: true)
    }

    private func run() {
        self.begin()
        while !self.hasEnded, let event = self.time.next() {
            self.report.events += 1
            self.digest(self.now.nanoseconds)
            self.handle(event)
            guard let violation = self.ledger.violation else { continue }
            self.report.violation = violation
            self.note("VIOLATION of \(violation)")
            break
        }
        self.report.batches = self.ledger.batches
        self.report.rows = self.ledger.rows
    }

    private func begin() {
        let count = self.settings.updates.count
        self.store.indexes = Array(repeating: 0, count: count)
        for number in 0..<self.settings.rows {
            self.store.rows.append(self.row(Int64(number + 1) * 3))
        }
        for update in self.settings.updates where self.random.percent(90) { self.store.enqueue(update) }
        self.skews = (0..<self.settings.hosts).map { _ in
            self.settings.hasClockTrouble ? Int64.random(in: -20_000...20_000, using: &self.random) : 0
        }
        for number in 0..<self.settings.workers {
            self.workers.append(VirtualWorker(number: number, host: number % self.settings.hosts))
            self.schedule(after: self.random.pick([0, 10, 5000]), .start(worker: number))
        }
        if let pause = self.settings.faultPause { self.schedule(after: pause, .fault) }
        if let pause = self.settings.operatorPause { self.schedule(after: pause, .operate) }
        if let pause = self.settings.writePause { self.schedule(after: pause, .write) }
        self.schedule(after: self.settings.length, .calm)
    }

    func row(_ key: Int64) -> VirtualRow {
        let count = self.settings.updates.count
        let value = Int64.random(in: 0..<1000, using: &self.random)
        return VirtualRow(
            key: key,
            value: value,
            done: Array(repeating: 0, count: count),
            seen: Array(repeating: -1, count: count)
        )
    }

    private func handle(_ event: Event) {
        if let worker = event.worker {
            // Nothing that is done for a process outlives it.
            guard self.workers[worker].process == event.process, self.workers[worker].isAlive else { return }
            guard !self.workers[worker].isPaused || event.isSignal else {
                return self.workers[worker].missed.append(event)
            }
        }
        switch event {
        case .start(let worker): self.start(worker)
        case .happened(let worker, _, let event): self.happened(event, at: worker)
        case .perform(let worker, _): self.perform(at: worker)
        case .wake(let worker, _, let sleep):
            guard self.workers[worker].sleep == sleep else { return }
            self.workers[worker].sleep += 1
            self.happened(.slept, at: worker)
        case .batch(let worker, _): self.goOn(worker)
        case .answered(let worker, _, let answer): self.answered(answer, at: worker)
        case .commit(let worker, _): self.commit(worker)
        case .resume(let worker, _): self.resume(worker)
        case .unlock: if self.locker == .other { self.locker = nil }
        case .repair:
            self.isReadable = true
            self.isModuleUp = true
        case .fault: self.fault()
        case .operate: self.operate()
        case .write: self.write()
        case .calm: self.calm()
        case .end: self.end()
        }
    }

    // MARK: Time

    func schedule(after milliseconds: Double, _ event: Event) {
        self.time.schedule(at: self.now.adding(span: Span.milliseconds(milliseconds)), event)
    }

    func uniform(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &self.random) }

    /// Since the start, for whoever measures.
    var uptime: Duration { .nanoseconds(Int64(self.now.nanoseconds)) }

    func wallTime(of worker: Int) -> WallTime {
        self.wallTime(ahead: self.skews[self.workers[worker].host])
    }

    func wallTime(ahead: Int64 = 0) -> WallTime {
        WallTime(milliseconds: 1_800_000_000_000 + Int64(self.now.nanoseconds / 1_000_000) + ahead)
    }

    // MARK: Words

    func note(_ words: @autoclosure () -> String) {
        guard self.isLogging else { return }
        if self.report.log.count >= 4000 { self.report.log.removeFirst(2000) }
        let microseconds = (self.now.nanoseconds - 1_000_000_000_000) / 1000
        let fraction = String(microseconds % 1000 + 1000).dropFirst()
        self.report.log.append("\(microseconds / 1000).\(fraction) ms  \(words())")
    }

    /// Mixes a number into the digest: FNV-1a.
    func digest(_ number: UInt64) {
        self.report.digest = (self.report.digest ^ number) &* 0x0000_0100_0000_01B3
    }
}

extension UpdateWorld.Event {
    /// Whom it reaches, if it is a process.
    fileprivate var worker: Int? {
        switch self {
        case .happened(let worker, _, _), .perform(let worker, _), .wake(let worker, _, _), .batch(let worker, _),
            .answered(let worker, _, _), .commit(let worker, _), .resume(let worker, _):
            worker
        default: nil
        }
    }

    fileprivate var process: Int {
        switch self {
        case .happened(_, let process, _), .perform(_, let process), .wake(_, let process, _), .batch(_, let process),
            .answered(_, let process, _), .commit(_, let process), .resume(_, let process):
            process
        default: 0
        }
    }

    /// Whether it reaches a process that is stopped.
    fileprivate var isSignal: Bool {
        if case .resume = self { return true }
        return false
    }
}

extension VirtualStore {
    mutating func enqueue(_ update: UpdateSettings.Update) {
        self.pending.append(
            PendingUpdate(name: update.name, dependsOn: update.dependsOn, ordering: update.ordering)
        )
        self.pending.sort { ($0.ordering, $0.name) < ($1.ordering, $1.name) }
    }
}

extension UpdateWorld.Report: CustomStringConvertible {
    public var description: String {
        guard let violation = self.violation else {
            return
                "seed \(self.seed): \(self.events) events, \(self.batches) batches, digest \(String(self.digest, radix: 16))"
        }
        return
            "seed \(self.seed) breaks \(violation)\nonce more, in words: make simulate WORLD=updates SEED=\(self.seed)"
    }
}
