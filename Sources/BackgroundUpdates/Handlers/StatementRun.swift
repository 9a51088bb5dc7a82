package import GRDB

/// The steps of one batch so far.
package struct StatementRun {
    package var pace: BatchPace
    package var cursor: [DatabaseValue]?
    package private(set) var steps: [BatchObservation.Step] = []
    package private(set) var isFinished = false

    package init(pace: BatchPace, cursor: [DatabaseValue]?) {
        self.pace = pace
        self.cursor = cursor
    }

    package mutating func finishStep(keys: [[DatabaseValue]], limit: Int, milliseconds: Double) {
        self.pace.finishStep(rows: keys.count)
        self.cursor = keys.last ?? self.cursor
        self.steps.append(.init(rows: keys.count, milliseconds: milliseconds))
        self.isFinished = keys.count < limit
    }

    package func work(totalItems: Int?) -> BatchWork {
        BatchWork(
            progress: UpdateProgress(cursor: self.cursor),
            steps: self.steps,
            isFinished: self.isFinished,
            isCut: self.pace.isCut,
            totalItems: totalItems
        )
    }
}
