import SeededRandom
import Testing

@testable import BackgroundUpdates

/// What holds for any table: checked on many seeds.
struct BatchSizerPropertyTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func mostBatchesAreInTimeAndNoneIsLateByMuch(seed: UInt64) {
        var run = SizedRun(table: SimulatedTable(seed: seed))
        run.table.stallShare = 0.01
        let durations = run.run(600).dropFirst(20).sorted()
        #expect(durations[durations.count / 2] > 40)
        #expect(durations[durations.count * 95 / 100] < 130)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func rowsThatBecomeEightTimesSlowerCostOneCutBatch(seed: UInt64) {
        var run = SizedRun(table: SimulatedTable(seed: seed))
        _ = run.run(100)
        run.table.millisecondsPerRow *= 8
        let durations = run.run(40)
        #expect(durations.count { $0 > 200 } <= 1)
        #expect(durations.suffix(20).reduce(0, +) / 20 > 40)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func expensiveRowsDoNotHoldTheSizeAtOne(seed: UInt64) {
        var run = SizedRun(table: SimulatedTable(seed: seed))
        run.table.millisecondsPerRow = 500
        _ = run.run(30)
        #expect(run.size == 1)
        run.table.millisecondsPerRow = 0.1
        _ = run.run(60)
        #expect(run.size > 300)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func manyStallsDoNotCollapseTheThroughput(seed: UInt64) {
        var run = SizedRun(table: SimulatedTable(seed: seed))
        run.table.stallShare = 0.05
        var rows = 0
        for _ in 0..<400 {
            rows += run.size
            _ = run.run(1)
        }
        // Without stalls about 4,000 rows fit into a batch.
        #expect(rows / 400 > 1000)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func anyBatchLeavesTheSizeWithinItsBounds(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var sizer = BatchSizer()
        for _ in 0..<500 {
            let minimum = Int.random(in: -2...50, using: &random)
            let bounds = BatchSizer.Bounds(minimum: minimum, maximum: Int.random(in: 1...5000, using: &random))
            let size = sizer.next(firstSize: Int.random(in: -10...100_000, using: &random), bounds: bounds)
            #expect(size >= bounds.minimum && size <= bounds.maximum)
            let steps = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                BatchObservation.Step(
                    rows: Int.random(in: 0...size, using: &random),
                    milliseconds: Double.random(in: 0...10_000, using: &random)
                )
            }
            let batch = BatchObservation(
                steps: steps,
                milliseconds: Double.random(in: 0...20_000, using: &random),
                lockWait: Double.random(in: 0...200, using: &random)
            )
            sizer.observe(batch, size: size, target: Double.random(in: 0...1000, using: &random), bounds: bounds)
            #expect(sizer.variance.isFinite && (sizer.logCost ?? 0).isFinite && sizer.fixedCost.isFinite)
        }
    }

    @Test func aMinimumIsWorkedWhateverItCosts() {
        var run = SizedRun(table: SimulatedTable(seed: 1))
        run.table.millisecondsPerRow = 50
        run.bounds = .init(minimum: 10)
        _ = run.run(20)
        #expect(run.size == 10)
    }
}
