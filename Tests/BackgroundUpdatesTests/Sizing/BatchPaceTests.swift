import Testing

@testable import BackgroundUpdates

struct BatchPaceTests {
    @Test func aBatchIsWorkedInAboutEightSteps() {
        var pace = BatchPace(size: 100, minimum: 1, target: 100)
        var steps: [Int] = []
        while let rows = pace.nextStep(elapsed: 0, isStopping: false) {
            steps.append(rows)
            pace.finishStep(rows: rows)
        }
        #expect(steps == [13, 13, 13, 13, 13, 13, 13, 9])
        #expect(!pace.isCut)
    }

    @Test func aStepTakesNoFewerRowsThanItIsWorth() {
        var pace = BatchPace(size: 100, minimum: 1, target: 100)
        pace.stepMinimum = 32
        var steps: [Int] = []
        while let rows = pace.nextStep(elapsed: 0, isStopping: false) {
            steps.append(rows)
            pace.finishStep(rows: rows)
        }
        #expect(steps == [32, 32, 32, 4])
    }

    @Test func aBatchIsCutWhenItsTimeIsUp() {
        var pace = BatchPace(size: 80, minimum: 1, target: 100)
        #expect(pace.nextStep(elapsed: 0, isStopping: false) == 10)
        pace.finishStep(rows: 10)
        #expect(pace.nextStep(elapsed: 99, isStopping: false) == 10)
        pace.finishStep(rows: 10)
        #expect(pace.nextStep(elapsed: 100, isStopping: false) == nil)
        #expect(pace.isCut)
        #expect(pace.done == 20)
    }

    @Test func theMinimumIsDoneHoweverLateItIs() {
        var pace = BatchPace(size: 80, minimum: 25, target: 100)
        for _ in 0..<3 {
            #expect(pace.nextStep(elapsed: 1e9, isStopping: false) == 10)
            pace.finishStep(rows: 10)
        }
        #expect(pace.nextStep(elapsed: 1e9, isStopping: false) == nil)
    }

    @Test func aWorkerThatEndsStopsAfterTheStepInHand() {
        var pace = BatchPace(size: 80, minimum: 80, target: 100)
        #expect(pace.nextStep(elapsed: 0, isStopping: true) == 10)
        pace.finishStep(rows: 10)
        #expect(pace.nextStep(elapsed: 0, isStopping: true) == nil)
        #expect(pace.isCut)
    }
}
