package import GRDB

/// The steps of a batch that a module has thought about, not yet applied.
package struct PreparedRows: Sendable {
    package struct Step: Sendable {
        package var rows: [[DatabaseValue]]
        package var answer: RowChanges
        /// The key of the last row; nil when there was none.
        package var high: [DatabaseValue]?
        /// What reading and mapping took.
        package var cost: BatchObservation.Step
    }

    /// Where the batch begins.
    package let progress: UpdateProgress
    package var pace: BatchPace
    package private(set) var steps: [Step] = []
    package private(set) var cursor: [DatabaseValue]?
    /// Whether fewer rows were there than asked for.
    package private(set) var hasReachedEnd = false

    /// How many rows a step has at least: each is a call to the module.
    ///
    /// Were a small batch worked in eight of them as others are, its rows would be thought to cost what the calls do, and each batch
    /// would be smaller than the one before.
    private static let rowsPerCallMin = 32

    package init(progress: UpdateProgress, pace: BatchPace) {
        self.progress = progress
        self.pace = pace
        self.pace.stepMinimum = Self.rowsPerCallMin
        self.cursor = progress.cursor
    }

    package mutating func append(
        _ rows: [[DatabaseValue]],
        _ answer: RowChanges,
        keyLength: Int,
        limit: Int,
        _ milliseconds: Double
    ) {
        self.pace.finishStep(rows: rows.count)
        // The key's columns come first.
        let high = rows.last.map { Array($0.prefix(keyLength)) }
        self.cursor = high ?? self.cursor
        self.hasReachedEnd = rows.count < limit
        let cost = BatchObservation.Step(rows: rows.count, milliseconds: milliseconds)
        self.steps.append(Step(rows: rows, answer: answer, high: high, cost: cost))
    }
}

extension PreparedRows.Step {
    func skippedRows(keyLength: Int) -> [SkippedRow] {
        self.answer.skipped.sorted { $0.key < $1.key }.map { index, reason in
            SkippedRow(key: Array(self.rows[index].prefix(keyLength)), reason: reason)
        }
    }
}

extension BatchObservation.Step {
    func adding(milliseconds: Double) -> Self {
        Self(rows: self.rows, milliseconds: self.milliseconds + milliseconds)
    }
}
