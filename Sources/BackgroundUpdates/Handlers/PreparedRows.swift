internal import GRDB

/// The steps of a batch that a module has thought about, not yet applied.
struct PreparedRows: Sendable {
    struct Step: Sendable {
        var rows: [[DatabaseValue]]
        var answer: RowChanges
        /// The key of the last row; nil when there was none.
        var high: Keyset.Key?
        /// What reading and mapping took.
        var cost: BatchObservation.Step
    }

    /// Where the batch begins.
    let progress: UpdateProgress
    var pace: BatchPace
    private(set) var steps: [Step] = []
    private(set) var cursor: Keyset.Key?
    /// Whether fewer rows were there than asked for.
    private(set) var hasReachedEnd = false

    init(progress: UpdateProgress, pace: BatchPace) {
        self.progress = progress
        self.pace = pace
        self.cursor = progress.cursor
    }

    mutating func append(
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
