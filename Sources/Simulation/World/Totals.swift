/// What many schedules come to.
public struct Totals: Sendable {
    public private(set) var seeds = 0
    public private(set) var events = 0
    public private(set) var calls = 0
    public private(set) var verdicts = 0
    public private(set) var ambiguous = 0
    public private(set) var failures = 0
    private var failed: [Simulation.Report] = []

    public init() {}

    public mutating func add(_ report: Simulation.Report) {
        self.seeds += 1
        self.events += report.events
        self.calls += report.calls
        self.verdicts += report.verdicts
        self.ambiguous += report.ambiguous
        guard report.violation != nil else { return }
        self.failures += 1
        self.failed.append(report)
    }

    public mutating func add(_ others: Totals) {
        self.seeds += others.seeds
        self.events += others.events
        self.calls += others.calls
        self.verdicts += others.verdicts
        self.ambiguous += others.ambiguous
        self.failures += others.failures
        self.failed += others.failed
    }

    /// The reports of those that broke a rule, in the order of their seeds, each once.
    public mutating func takeFailed() -> [Simulation.Report] {
        defer { self.failed = [] }
        return self.failed.sorted { $0.seed < $1.seed }
    }
}

extension Totals: CustomStringConvertible {
    public var description: String {
        "\(self.seeds) seeds, \(self.events) events, \(self.calls) calls, \(self.verdicts) results held against the reference "
            + "(\(self.ambiguous) too close to call), \(self.failures) violations"
    }
}
