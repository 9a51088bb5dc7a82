package import GRDB

/// What a worker claims when it commits a batch.
package struct BatchClaim: Sendable {
    package var lease: Lease
    package var update: String
    package var handler: UpdateKind
    package var pace: BatchPace
    package var bounds: BatchSizer.Bounds
    /// What the batch has cost before its transaction, step by step.
    package var preparation: [BatchObservation.Step] = []
    /// How long the commit of this update's previous batch took, in milliseconds: that of this one cannot be known inside of it.
    package var commitCost = 0.0

    package init(
        lease: Lease,
        update: String,
        handler: UpdateKind,
        pace: BatchPace,
        bounds: BatchSizer.Bounds,
        preparation: [BatchObservation.Step] = [],
        commitCost: Double = 0
    ) {
        self.lease = lease
        self.update = update
        self.handler = handler
        self.pace = pace
        self.bounds = bounds
        self.preparation = preparation
        self.commitCost = commitCost
    }

    /// What the work has cost, with what it took before its transaction.
    package func observation(of work: BatchWork, milliseconds: Double, lockWait: Double) -> BatchObservation {
        let before = self.preparation.reduce(0) { $0 + $1.milliseconds }
        return BatchObservation(
            steps: work.steps,
            milliseconds: milliseconds + before + self.commitCost,
            lockWait: lockWait
        )
    }
}

/// What a batch finds when its transaction has begun.
package struct BatchStart: Sendable {
    package var progress: UpdateProgress
    /// When the write lock was granted.
    package var uptime: Duration

    package init(progress: UpdateProgress, uptime: Duration) {
        self.progress = progress
        self.uptime = uptime
    }
}

/// What a handler did within the transaction.
package struct BatchWork: Sendable {
    package var progress: UpdateProgress
    package var steps: [BatchObservation.Step]
    /// Whether no row is left.
    package var isFinished: Bool
    package var isCut = false
    package var skipped: [SkippedRow] = []
    /// How many rows there are in all, where it was counted.
    package var totalItems: Int?

    package init(
        progress: UpdateProgress,
        steps: [BatchObservation.Step],
        isFinished: Bool,
        isCut: Bool = false,
        skipped: [SkippedRow] = [],
        totalItems: Int? = nil
    ) {
        self.progress = progress
        self.steps = steps
        self.isFinished = isFinished
        self.isCut = isCut
        self.skipped = skipped
        self.totalItems = totalItems
    }
}

/// A row that a module could not do.
package struct SkippedRow: Hashable, Sendable {
    package var key: [DatabaseValue]
    package var reason: String
}

/// A committed batch.
package struct BatchReport: Hashable, Sendable {
    package var rows: Int
    package var milliseconds: Double
    package var isFinished: Bool
    package var isCut: Bool
    package var skipped: Int
    package var commitCost: Double
    package var size: Int
}

extension BatchReport {
    package init(_ work: BatchWork, _ claim: BatchClaim, _ observation: BatchObservation) {
        self.init(
            rows: observation.rows,
            milliseconds: observation.milliseconds,
            isFinished: work.isFinished,
            isCut: work.isCut,
            skipped: work.skipped.count,
            commitCost: 0,
            size: claim.pace.size
        )
    }
}
