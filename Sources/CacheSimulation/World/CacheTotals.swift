/// What many schedules come to.
public struct CacheTotals: Sendable {
    public private(set) var seeds = 0
    public private(set) var events = 0
    public private(set) var reads = 0
    public private(set) var hits = 0
    public private(set) var loads = 0
    public private(set) var restarts = 0
    public private(set) var flushes = 0
    public private(set) var replays = 0
    /// The longest that a value was served after the acknowledgement of its invalidation, in milliseconds.
    public private(set) var worst = 0.0
    public private(set) var failures = 0
    private var failed: [CacheWorld.Report] = []

    public init() {}

    public mutating func add(_ report: CacheWorld.Report) {
        self.seeds += 1
        self.events += report.events
        self.reads += report.reads
        self.hits += report.hits
        self.loads += report.loads
        self.restarts += report.restarts
        self.flushes += report.flushes
        self.replays += report.replays
        self.worst = max(self.worst, report.worst)
        guard report.violation != nil else { return }
        self.failures += 1
        self.failed.append(report)
    }

    public mutating func add(_ others: CacheTotals) {
        self.seeds += others.seeds
        self.events += others.events
        self.reads += others.reads
        self.hits += others.hits
        self.loads += others.loads
        self.restarts += others.restarts
        self.flushes += others.flushes
        self.replays += others.replays
        self.worst = max(self.worst, others.worst)
        self.failures += others.failures
        self.failed += others.failed
    }

    /// The reports of those that broke a rule, in the order of their seeds, each once.
    public mutating func takeFailed() -> [CacheWorld.Report] {
        defer { self.failed = [] }
        return self.failed.sorted { $0.seed < $1.seed }
    }
}

extension CacheTotals: CustomStringConvertible {
    public var description: String {
        "\(self.seeds) seeds, \(self.events) events, \(self.reads) reads with \(self.hits) hits in a near cache and \(self.loads) loads, "
            + "the oldest \(Int(self.worst.rounded())) ms, \(self.restarts) restarts, \(self.failures) violations"
    }
}
