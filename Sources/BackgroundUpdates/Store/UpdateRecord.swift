internal import GRDB
internal import WireProtocol

/// A pending update as a transaction finds it, and what may become of it.
///
/// The rules of the transactions that change an update, without the statements that read and write it.
package struct UpdateRecord: Hashable, Sendable {
    package var pending: PendingUpdate
    package var state: UpdateState

    /// More rows than this are not skipped one by one: then something is wrong with the update.
    package static let skippedMax = 10_000

    package init(pending: PendingUpdate, state: UpdateState) {
        self.pending = pending
        self.state = state
    }

    /// Where its next batch begins.
    ///
    /// - Throws: ``BackgroundUpdatesError``: `fenced` when it must not be worked on, `definitive` when its progress cannot be read.
    package func progress() throws(BackgroundUpdatesError) -> UpdateProgress {
        guard self.state.standing == .active else {
            throw BackgroundUpdatesError(
                .fenced,
                "`\(self.pending.name)` was paused; nothing of this batch was written"
            )
        }
        return try UpdateProgress(json: self.pending.progress)
    }

    /// Takes a batch into the progress, the counters and the estimate.
    ///
    /// - Returns: What has happened to the update by that.
    package mutating func take(
        _ work: BatchWork,
        _ claim: BatchClaim,
        _ observation: BatchObservation,
        at now: WallTime
    ) throws(BackgroundUpdatesError) -> [UpdateEvent] {
        self.state.skipped += work.skipped.count
        guard self.state.skipped <= Self.skippedMax else {
            throw BackgroundUpdatesError(.definitive, "more than \(Self.skippedMax) rows would have to be skipped")
        }
        var events: [UpdateEvent] = []
        if self.state.batches == 0 {
            self.state.startedAt = now
            events.append(UpdateEvent(name: "started", detail: claim.handler.rawValue))
        }
        self.pending.progress = work.progress.json.encoded().text
        self.state.handler = claim.handler.rawValue
        self.state.totalItems = work.totalItems ?? self.state.totalItems
        self.state.count(items: observation.rows, milliseconds: observation.milliseconds)
        if !claim.handler.isOneShot {
            let pace = claim.pace
            self.state.sizer.observe(observation, size: pace.size, target: pace.target, bounds: claim.bounds)
        }
        self.state.failures = 0
        self.state.retryAt = WallTime(milliseconds: 0)
        self.state.lastError = nil
        self.state.changedAt = now
        if work.isFinished {
            self.state.standing = .finished
            events.append(UpdateEvent(name: "finished", detail: "\(self.state.items) rows"))
        }
        return events
    }

    /// Keeps what is wrong with it, and when it may be tried again; without effect when an operator has stopped it meanwhile.
    package mutating func take(_ failure: FailureNote, at now: WallTime) -> UpdateEvent? {
        guard self.state.standing == .active else { return nil }
        self.state.failures = failure.failures
        self.state.retryAt = failure.retryAt
        self.state.lastError = failure.message
        self.state.changedAt = now
        if let size = failure.failedSize {
            self.state.sizer.observeFailure(size: size, bounds: BatchSizer.Bounds())
        }
        guard failure.isSetAside else { return nil }
        self.state.standing = .setAside
        return UpdateEvent(name: "set_aside", detail: failure.message)
    }

    /// Does what an operator says: whatever has gone wrong before is forgotten.
    package mutating func set(_ standing: UpdateState.Standing, at now: WallTime) {
        self.state.standing = standing
        self.state.failures = 0
        self.state.retryAt = WallTime(milliseconds: 0)
        self.state.changedAt = now
    }
}

/// A line of the history.
package struct UpdateEvent: Hashable, Sendable {
    package var name: String
    package var detail = ""
}

extension UpdateRecord {
    /// - Throws: ``BackgroundUpdatesError/Code/gone`` when it is not pending.
    static func fetch(_ name: String, _ db: Database) throws -> Self {
        guard let pending = try PendingUpdate.fetch(name, db) else {
            throw BackgroundUpdatesError(.gone, "`\(name)` is not queued any more")
        }
        return Self(pending: pending, state: try UpdateState.fetchPending(name, db))
    }
}
