/// What many schedules come to.
public struct UpdateTotals: Sendable {
    public private(set) var seeds = 0
    public private(set) var events = 0
    public private(set) var batches = 0
    public private(set) var rows = 0
    public private(set) var failures = 0
    private var failed: [UpdateWorld.Report] = []

    public init() {}

    public mutating func add(_ report: UpdateWorld.Report) {
        self.seeds += 1
        self.events += report.events
        self.batches += report.batches
        self.rows += report.rows
        guard report.violation != nil else { return }
        self.failures += 1
        self.failed.append(report)
    }

    public mutating func add(_ others: UpdateTotals) {
        self.seeds += others.seeds
        self.events += others.events
        self.batches += others.batches
        self.rows += others.rows
        self.failures += others.failures
        self.failed += others.failed
    }

    /// The reports of those that broke a rule, in the order of their seeds, each once.
    public mutating func takeFailed() -> [UpdateWorld.Report] {
        defer { self.failed = [] }
        return self.failed.sorted { $0.seed < $1.seed }
    }
}

extension UpdateTotals: CustomStringConvertible {
    public var description: String {
        "\(self.seeds) seeds, \(self.events) events, \(self.batches) batches of \(self.rows) rows, \(self.failures) violations"
    }
}
