internal import Foundation

extension BatchSizer {
    /// The cost of a row is kept within e^±20 ms, far outside of which no database is.
    private static let logCostRange = -20.0...20.0

    /// Learns from a batch.
    ///
    /// A batch that met no rows changes nothing: an empty stretch of keys has no price.
    ///
    /// - Parameters:
    ///   - batch: What it cost.
    ///   - size: How many rows it was meant to take; it has fewer when it was cut or the rows ended.
    ///   - target: The desired duration, in milliseconds.
    ///   - bounds: What holds for the next batch.
    public mutating func observe(_ batch: BatchObservation, size: Int, target: Double, bounds: Bounds) {
        guard batch.rows > 0 else { return }
        let target = max(1, target)
        let cost = RowCost(batch)
        self.learn(cost, batch)
        var wanted = (target - min(self.fixedCost, target / 2)) / self.quantileCost
        if batch.milliseconds > 3 * target, !cost.isStalled {
            wanted = min(wanted, Double(batch.rows) * target / batch.milliseconds)
            self.backOff()
        }
        self.lockStrikes = batch.lockWait > target / 2 ? self.lockStrikes + 1 : 0
        if self.strikes.count(where: { $0 }) >= 2 || self.lockStrikes >= 2 {
            wanted = min(wanted, Double(size) / 2)
            self.backOff()
            self.strikes = []
            self.lockStrikes = 0
        }
        if batch.milliseconds > target / 2 { self.isStarting = false }
        self.resize(from: size, towards: wanted, bounds: bounds)
    }

    /// A batch that failed, or whose rows changed under it, is tried again with half of its rows.
    public mutating func observeFailure(size: Int, bounds: Bounds) {
        self.backOff()
        self.size = bounds.clamp(size / 2)
    }

    private mutating func backOff() {
        self.hold = Self.holdAfterOverload
        self.isStarting = false
    }

    private mutating func learn(_ cost: RowCost, _ batch: BatchObservation) {
        let work = batch.steps.reduce(0) { $0 + $1.milliseconds }
        self.fixedCost += 0.1 * (max(0, batch.milliseconds - work) - self.fixedCost)
        self.strikes = (self.strikes + [cost.isStalled]).suffix(Self.strikesKept)
        let observed = cost.logarithm.clamped(to: Self.logCostRange)
        guard let expected = self.logCost else {
            self.logCost = observed
            return
        }
        let error = observed - expected
        self.logCost = expected + (error > 0 ? Self.gainOfBadNews : Self.gainOfGoodNews) * error
        self.variance = (0.9 * self.variance + 0.1 * min(error * error, 1)).clamped(to: Self.varianceRange)
    }

    /// What a row costs at most, in most batches; in milliseconds.
    private var quantileCost: Double {
        exp((self.logCost ?? 0) + Self.margin * self.variance.squareRoot())
    }

    private mutating func resize(from size: Int, towards wanted: Double, bounds: Bounds) {
        let growth = self.isStarting ? 2.0 : 1.5
        let cap = self.hold > 0 ? Double(size) : max(Double(size) + 1, Double(size) * growth)
        self.hold = max(0, self.hold - 1)
        self.size = bounds.clamp(Int(min(wanted, cap, Double(bounds.maximum))))
    }
}

/// What one batch says about the cost of a row.
private struct RowCost {
    /// ln(milliseconds a row).
    let logarithm: Double
    /// The batch was slow and its typical step was not.
    let isStalled: Bool

    init(_ batch: BatchObservation) {
        let steps = batch.steps.filter { $0.rows > 0 }
        let costs = steps.map { $0.milliseconds / Double($0.rows) }.sorted()
        let median = costs[costs.count / 2]
        let mean = steps.reduce(0) { $0 + $1.milliseconds } / Double(batch.rows)
        // With fewer than three steps the median is not immune to anything.
        let isTelling = steps.count >= 3
        self.isStalled = isTelling && mean > 3 * median
        self.logarithm = log(max(1e-6, isTelling ? median : mean))
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
