import Testing
import WireProtocol

@testable import BackgroundUpdates

struct BatchSizerTests {
    /// A batch whose steps all cost the same.
    private static func even(_ rows: Int, msPerRow: Double, steps: Int = 8, lockWait: Double = 0) -> BatchObservation {
        let count = min(steps, rows)
        let sizes = (0..<count).map { rows / count + ($0 < rows % count ? 1 : 0) }
        return BatchObservation(
            steps: sizes.map { .init(rows: $0, milliseconds: Double($0) * msPerRow) },
            milliseconds: Double(rows) * msPerRow,
            lockWait: lockWait
        )
    }

    private static func observe(_ sizer: inout BatchSizer, msPerRow: Double, lockWait: Double = 0) -> Int {
        let size = sizer.next(firstSize: 100, bounds: .init())
        let batch = Self.even(size, msPerRow: msPerRow, lockWait: lockWait)
        sizer.observe(batch, size: size, target: 100, bounds: .init())
        return sizer.next(firstSize: 100, bounds: .init())
    }

    @Test(arguments: [
        (100, 1, 100), (0, 1, 1), (-5, 1, 1), (100, 500, 500), (Int.max, 1, BatchSizer.sizeMax), (1, -3, 1),
    ])
    func theFirstBatchIsWhatTheControllerSaysWithinBounds(first: Int, minimum: Int, expected: Int) {
        #expect(BatchSizer().next(firstSize: first, bounds: .init(minimum: minimum)) == expected)
    }

    @Test func aMinimumAboveTheMaximumWins() {
        let bounds = BatchSizer.Bounds(minimum: 200, maximum: 100)
        #expect(BatchSizer().next(firstSize: 1, bounds: bounds) == 200)
    }

    @Test func growsFromOneRowWhateverTheRounding() {
        var sizer = BatchSizer()
        sizer.size = 1
        sizer.isStarting = false
        var sizes: [Int] = []
        for _ in 0..<6 { sizes.append(Self.observe(&sizer, msPerRow: 0.1)) }
        #expect(sizes == [2, 3, 4, 6, 9, 13])
    }

    @Test func doublesWhileNothingWasSlowAndGrowsByHalfAfterwards() {
        var sizer = BatchSizer()
        #expect(Self.observe(&sizer, msPerRow: 0.01) == 200)
        #expect(Self.observe(&sizer, msPerRow: 0.01) == 400)
        sizer.isStarting = false
        #expect(Self.observe(&sizer, msPerRow: 0.01) == 600)
    }

    @Test func anEmptyStretchOfKeysTeachesNothing() {
        var sizer = BatchSizer()
        _ = Self.observe(&sizer, msPerRow: 1)
        let before = sizer
        sizer.observe(BatchObservation(steps: [], milliseconds: 5), size: 100, target: 100, bounds: .init())
        sizer.observe(
            BatchObservation(steps: [.init(rows: 0, milliseconds: 5)], milliseconds: 5),
            size: 100,
            target: 100,
            bounds: .init()
        )
        #expect(sizer == before)
    }

    @Test func eightTimesSlowerRowsShrinkTheNextBatchAtOnce() {
        var sizer = BatchSizer()
        for _ in 0..<20 { _ = Self.observe(&sizer, msPerRow: 0.1) }
        let settled = sizer.next(firstSize: 100, bounds: .init())
        #expect((700...1000).contains(settled))
        // Worked to its end, for want of a cut, the batch lasts 640 ms: more than three times the desired duration.
        let after = Self.observe(&sizer, msPerRow: 0.8)
        #expect(Double(after) * 0.8 <= 100)
        #expect(sizer.hold > 0)
    }

    @Test func doesNotGrowForAWhileAfterAnOverload() {
        var sizer = BatchSizer()
        for _ in 0..<20 { _ = Self.observe(&sizer, msPerRow: 0.1) }
        let small = Self.observe(&sizer, msPerRow: 0.8)
        #expect(Self.observe(&sizer, msPerRow: 0.1) <= small)
        #expect(Self.observe(&sizer, msPerRow: 0.1) <= small)
        _ = Self.observe(&sizer, msPerRow: 0.1)
        #expect(Self.observe(&sizer, msPerRow: 0.1) > small)
    }

    @Test func oneStallAmongNormalStepsIsNotTakenForExpensiveRows() {
        var sizer = BatchSizer()
        for _ in 0..<20 { _ = Self.observe(&sizer, msPerRow: 0.1) }
        let settled = sizer.next(firstSize: 100, bounds: .init())
        var stalled = Self.even(settled, msPerRow: 0.1)
        stalled.steps[3].milliseconds += 900
        stalled.milliseconds += 900
        sizer.observe(stalled, size: settled, target: 100, bounds: .init())
        #expect(sizer.next(firstSize: 100, bounds: .init()) >= settled * 9 / 10)
    }

    @Test func twoStallsAmongThreeBatchesHoldTheLocksForLess() {
        var sizer = BatchSizer()
        for _ in 0..<20 { _ = Self.observe(&sizer, msPerRow: 0.1) }
        for _ in 0..<2 {
            let size = sizer.next(firstSize: 100, bounds: .init())
            var stalled = Self.even(size, msPerRow: 0.1)
            stalled.steps[0].milliseconds += 900
            stalled.milliseconds += 900
            sizer.observe(stalled, size: size, target: 100, bounds: .init())
        }
        #expect(sizer.next(firstSize: 100, bounds: .init()) <= 500)
        #expect(sizer.strikes.isEmpty)
    }

    @Test func waitingTwiceForTheWriteLockHalvesTheBatch() {
        var sizer = BatchSizer()
        for _ in 0..<20 { _ = Self.observe(&sizer, msPerRow: 0.1) }
        let settled = Self.observe(&sizer, msPerRow: 0.1, lockWait: 60)
        #expect(Self.observe(&sizer, msPerRow: 0.1, lockWait: 60) == settled / 2)
    }

    @Test func aFixedCostLeavesLessForRowsButNeverLessThanHalf() {
        var sizer = BatchSizer()
        for _ in 0..<200 {
            let size = sizer.next(firstSize: 100, bounds: .init())
            var batch = Self.even(size, msPerRow: 0.1)
            batch.milliseconds += 500
            sizer.observe(batch, size: size, target: 1000, bounds: .init())
        }
        let size = sizer.next(firstSize: 100, bounds: .init())
        #expect((3800...5000).contains(size))
    }

    @Test(arguments: [0.0, -3, .nan, .infinity, 1e300])
    func noDesiredDurationMakesItTrapOrLeaveItsBounds(target: Double) {
        var sizer = BatchSizer()
        for _ in 0..<5 {
            let size = sizer.next(firstSize: 100, bounds: .init())
            let sane = target.isNaN ? 1 : target
            sizer.observe(Self.even(size, msPerRow: 0.1), size: size, target: sane, bounds: .init())
            #expect((1...BatchSizer.sizeMax).contains(sizer.next(firstSize: 100, bounds: .init())))
        }
    }

    @Test func aFailedBatchIsTriedAgainWithHalfOfItsRows() {
        var sizer = BatchSizer()
        var sizes: [Int] = []
        for _ in 0..<9 {
            sizer.observeFailure(size: sizer.next(firstSize: 100, bounds: .init()), bounds: .init())
            sizes.append(sizer.next(firstSize: 100, bounds: .init()))
        }
        #expect(sizes == [50, 25, 12, 6, 3, 1, 1, 1, 1])
    }

    @Test func theEstimateSurvivesARestart() throws {
        var sizer = BatchSizer()
        for _ in 0..<7 { _ = Self.observe(&sizer, msPerRow: 0.3, lockWait: 80) }
        let kept = try JSONValue(parsing: sizer.json.encoded())
        #expect(BatchSizer(restoring: kept) == sizer)
    }

    @Test(arguments: [
        "null", "[]", "{}", #"{"version":2,"size":7}"#,
        #"{"version":1,"size":-7,"log_cost":"x","variance":9e99,"hold":99}"#,
    ])
    func whatCannotBeReadBeginsAnew(text: String) throws {
        let sizer = BatchSizer(restoring: try JSONValue(parsing: text))
        #expect((1...100).contains(sizer.next(firstSize: 100, bounds: .init())))
        #expect(BatchSizer.varianceRange.contains(sizer.variance))
        #expect(sizer.hold <= BatchSizer.holdAfterOverload)
    }

    @Test(arguments: [5.0, 20, 60])
    func callsThatTakeMostOfTheTimeDoNotShrinkBatchesToNothing(milliseconds: Double) {
        var run = SizedRun(table: SimulatedTable(seed: 3))
        run.table.millisecondsPerStep = milliseconds
        run.table.stepMinimum = 32
        _ = run.run(200)
        #expect(run.size >= 16, "a batch has \(run.size) rows")
    }
}
