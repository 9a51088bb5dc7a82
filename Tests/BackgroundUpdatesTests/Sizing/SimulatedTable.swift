import Foundation
import SeededRandom

@testable import BackgroundUpdates

/// A table whose rows cost what the test says, with noise and stalls from a seed.
struct SimulatedTable {
    var random: SplitMix64
    var millisecondsPerRow = 0.02
    var fixedMilliseconds = 2.0
    var noise = 0.25
    var stallShare = 0.0
    /// What each step costs whatever its rows, as a call to a module far away does.
    var millisecondsPerStep = 0.0
    var stepMinimum = 1

    init(seed: UInt64) {
        self.random = SplitMix64(seed: seed)
    }

    /// Works one batch as a handler does, step by step, with the cut.
    mutating func work(_ size: Int, target: Double, minimum: Int = 1) -> BatchObservation {
        var pace = BatchPace(size: size, minimum: minimum, target: target)
        pace.stepMinimum = self.stepMinimum
        let cost = self.millisecondsPerRow * exp(self.gaussian() * self.noise)
        let stall = Double.random(in: 0..<1, using: &self.random) < self.stallShare ? 300.0 : 0
        let stalledStep = Int.random(in: 0..<BatchPace.steps, using: &self.random)
        var steps: [BatchObservation.Step] = []
        var elapsed = self.fixedMilliseconds
        while let rows = pace.nextStep(elapsed: elapsed, isStopping: false) {
            let milliseconds = self.millisecondsPerStep + Double(rows) * cost + (steps.count == stalledStep ? stall : 0)
            pace.finishStep(rows: rows)
            steps.append(.init(rows: rows, milliseconds: milliseconds))
            elapsed += milliseconds
        }
        return BatchObservation(steps: steps, milliseconds: elapsed)
    }

    private mutating func gaussian() -> Double {
        let radius = (-2 * log(Double.random(in: 0.000_001..<1, using: &self.random))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self.random))
    }
}

/// A sizer at work on a simulated table.
struct SizedRun {
    var table: SimulatedTable
    var sizer = BatchSizer()
    var target = 100.0
    var bounds = BatchSizer.Bounds()
    var size: Int { self.sizer.next(firstSize: 100, bounds: self.bounds) }

    /// The durations of the next batches.
    mutating func run(_ batches: Int) -> [Double] {
        (0..<batches).map { _ in
            let size = self.size
            let batch = self.table.work(size, target: self.target, minimum: self.bounds.minimum)
            self.sizer.observe(batch, size: size, target: self.target, bounds: self.bounds)
            return batch.milliseconds
        }
    }
}
