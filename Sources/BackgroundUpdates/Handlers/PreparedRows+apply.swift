package import GRDB

/// The rows that a batch's transaction reads and changes.
package protocol BatchRows {
    /// The rows of a range, at most `limit`.
    func rows(after low: [DatabaseValue]?, to high: [DatabaseValue], limit: Int) throws -> [[DatabaseValue]]

    /// Whether no row follows a key.
    func isEnd(_ cursor: [DatabaseValue]?) throws -> Bool

    mutating func apply(_ change: RowChange) throws
}

extension PreparedRows {
    /// Applies the steps up to the first whose rows are not what the module saw any more; runs within the transaction.
    ///
    /// - Parameters:
    ///   - start: What the transaction has found.
    ///   - table: The rows.
    ///   - keyLength: How many columns the key has.
    ///   - totalItems: How many rows there are in all, where it was counted.
    ///   - uptime: The time.
    /// - Returns: How far it came.
    /// - Throws: ``BackgroundUpdatesError/Code/stale`` when the first step already does not fit.
    package func apply(
        from start: BatchStart,
        to table: inout some BatchRows,
        keyLength: Int,
        totalItems: Int?,
        uptime: () -> Duration
    ) throws -> BatchWork {
        guard start.progress == self.progress else {
            throw BackgroundUpdatesError(.stale, "the update went on elsewhere while the module thought")
        }
        var cursor = self.progress.cursor
        var costs: [BatchObservation.Step] = []
        var skipped: [SkippedRow] = []
        var began = start.uptime
        for step in self.steps {
            guard try step.isUnchanged(after: cursor, in: table) else { break }
            for change in step.answer.changes { try table.apply(change) }
            skipped += step.skippedRows(keyLength: keyLength)
            let ended = uptime()
            costs.append(step.cost.adding(milliseconds: (ended - began).milliseconds))
            began = ended
            cursor = step.high ?? cursor
        }
        let isWhole = costs.count == self.steps.count
        guard isWhole || !costs.isEmpty else {
            throw BackgroundUpdatesError(.stale, "rows changed while the module thought about them")
        }
        return BatchWork(
            progress: UpdateProgress(cursor: cursor),
            steps: costs,
            isFinished: try isWhole && self.hasReachedEnd && table.isEnd(cursor),
            isCut: self.pace.isCut || !isWhole,
            skipped: skipped,
            totalItems: totalItems
        )
    }
}

extension PreparedRows.Step {
    fileprivate func isUnchanged(after cursor: [DatabaseValue]?, in table: some BatchRows) throws -> Bool {
        guard let high = self.high else { return true }
        // One row more than there were, so that a new row within the range is seen.
        return try table.rows(after: cursor, to: high, limit: self.rows.count + 1) == self.rows
    }
}
