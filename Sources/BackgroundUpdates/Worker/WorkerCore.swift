internal import SeededRandom

/// What a worker does next with one database: a value without clock, task or database.
///
/// Events and the time go in, one action comes out, and the shell answers each action with one event:
///
/// ```
/// look ─► acquire ─► enter ─► work ─► (note) ─► leave ─► sleep ─► look …
///   └──────────── nothing to do: release, sleep ────────────┘
/// ```
///
/// It holds no truth about the queue: that is in the database, and each round begins by looking at it.
package struct WorkerCore: Sendable {
    /// What the shell does now.
    package enum Action: Hashable, Sendable {
        case look
        case acquire
        /// Ask the controller.
        case enter(update: String, isOneShot: Bool)
        case work(update: String, UpdatePermit, Lease)
        /// Keep what went wrong.
        case note(update: String, FailureNote, Lease)
        /// Tell the controller.
        case leave(update: String, UpdatePermit.Scope, BatchOutcome)
        case release(Lease)
        case sleep(Duration)

        /// Whether even a worker that stops does it.
        package var endsSomething: Bool {
            switch self {
            case .note, .leave, .release: true
            case .look, .acquire, .enter, .work, .sleep: false
            }
        }
    }

    /// What came of it.
    package enum Event: Sendable {
        case began
        case saw(QueueView)
        case acquired(LeaseAnswer)
        case entered(EntryAnswer)
        case worked(BatchReport)
        case noted
        case left
        case released
        case slept
        /// The batch was not committed; with its size, when a smaller one may succeed.
        case workFailed(BackgroundUpdatesError, size: Int?)
        /// Another action failed.
        case failed(BackgroundUpdatesError)
    }

    package let owner: String
    let handlers: [String: UpdateKind]
    let limits: WorkerLimits
    var random: SplitMix64
    package private(set) var lease: Lease?
    /// Whether the queue was seen before.
    private var hasLooked = false
    /// The update that was worked on last and goes on.
    private(set) var current: String?
    private var batch: Batch?
    /// How long the round rests at its end.
    private var rest = Duration.zero
    /// How often in a row something outside was missing, by update; the empty name stands for the database.
    private var absences: [String: Int] = [:]
    /// Why nothing is worked on; nil while something is.
    package private(set) var restReason: String? = "not looked at yet"

    /// The batch in hand.
    private struct Batch: Sendable {
        var update: String
        var kind: UpdateKind
        var failures: Int
        var permit: UpdatePermit?
        var scope: UpdatePermit.Scope?
        var outcome = BatchOutcome.aborted("the worker ended")
    }

    package init(owner: String, handlers: [String: UpdateKind], limits: WorkerLimits = WorkerLimits(), seed: UInt64) {
        self.owner = owner
        self.handlers = handlers
        self.limits = limits
        self.random = SplitMix64(seed: seed)
    }

    /// Takes what came of the last action and says what to do now.
    package mutating func handle(_ event: Event, at now: WallTime) -> Action {
        switch event {
        case .began, .slept: self.beginRound()
        case .saw(let view): self.decide(view, at: now)
        case .acquired(let answer): self.acquired(answer, at: now)
        case .entered(let answer): self.entered(answer)
        case .worked(let report): self.worked(report)
        case .noted: self.leave()
        case .left: self.endRound()
        case .released: .sleep(self.rest)
        case .workFailed(let error, let size): self.workFailed(error, size: size, at: now)
        case .failed(let error): self.failed(error)
        }
    }

    /// What a worker that ends still has to do: leave the scope, give the lease back.
    package mutating func stop() -> [Action] {
        var actions: [Action] = []
        if let batch, let scope = batch.scope { actions.append(.leave(update: batch.update, scope, batch.outcome)) }
        if let lease { actions.append(.release(lease)) }
        self.batch = nil
        self.lease = nil
        return actions
    }

    // MARK: Rounds

    private mutating func beginRound() -> Action {
        self.batch = nil
        self.rest = .zero
        return .look
    }

    private mutating func endRound() -> Action {
        self.batch = nil
        return self.sleep(self.rest)
    }

    /// Sleeps, and gives the lease back first if others could use it meanwhile.
    private mutating func sleep(_ rest: Duration) -> Action {
        self.rest = rest
        guard let lease, rest > self.limits.leaseTTL / 2 || self.restReason != nil else { return .sleep(rest) }
        self.lease = nil
        return .release(lease)
    }

    /// Nothing to do for now.
    private mutating func idle(_ reason: String, for rest: Duration) -> Action {
        self.restReason = reason
        return self.sleep(self.random.jittered(rest))
    }

    // MARK: Deciding

    private mutating func decide(_ view: QueueView, at now: WallTime) -> Action {
        self.absences[""] = nil
        let isFirstLook = !self.hasLooked
        self.hasLooked = true
        self.lease = self.ownLease(view.control)
        let plan = QueuePlan(view, handlers: self.handlers, at: now)
        self.absences = self.absences.filter { view.states[$0.key] != nil }
        guard view.control.isEnabled else { return self.idle("updates are disabled", for: self.limits.poll) }
        guard let next = plan.next(preferring: self.current), let kind = next.kind else {
            self.current = nil
            let rest = plan.retryAt.map { min(self.limits.poll, now.until($0)) } ?? self.limits.poll
            return self.idle(plan.reasonForRest ?? "", for: max(rest, self.limits.restMin))
        }
        guard !view.control.isHeld(against: self.owner, at: now) else {
            if isFirstLook, let left = self.leaseLeftBehind(view.control) { return .release(left) }
            return self.heldElsewhere(view.control.owner, until: view.control.until, at: now)
        }
        self.current = next.update.name
        self.batch = Batch(update: next.update.name, kind: kind, failures: next.state?.failures ?? 0)
        return self.lease == nil ? .acquire : self.enter()
    }

    /// What is in this process's name is its own, whether it heard of it or not; nobody else would give it back.
    private func ownLease(_ control: Control) -> Lease? {
        guard control.owner == self.owner else { return nil }
        return Lease(owner: self.owner, epoch: control.epoch, ttl: self.limits.leaseTTL)
    }

    /// The lease of the process in whose place this one was started, which nobody would give back.
    private func leaseLeftBehind(_ control: Control) -> Lease? {
        guard LeaseOwner.isPredecessor(control.owner, of: self.owner) else { return nil }
        return Lease(owner: control.owner, epoch: control.epoch, ttl: self.limits.leaseTTL)
    }

    /// Sleeps until the other's lease can end: never longer than a poll, for the other may finish earlier.
    private mutating func heldElsewhere(_ owner: String, until: WallTime, at now: WallTime) -> Action {
        self.batch = nil
        let rest = max(self.limits.restMin, min(self.limits.poll, now.until(until)))
        return self.idle("`\(owner)` works on this database", for: rest)
    }

    private mutating func acquired(_ answer: LeaseAnswer, at now: WallTime) -> Action {
        switch answer {
        case .granted(let lease):
            self.lease = lease
            return self.enter()
        case .held(let owner, let until):
            return self.heldElsewhere(owner, until: until, at: now)
        case .disabled:
            return self.idle("updates are disabled", for: self.limits.poll)
        }
    }

    private mutating func enter() -> Action {
        guard let batch else { return .look }
        self.restReason = nil
        return .enter(update: batch.update, isOneShot: batch.kind.isOneShot)
    }

    private mutating func entered(_ answer: EntryAnswer) -> Action {
        guard let batch, let lease else { return .look }
        switch answer {
        case .run(let permit):
            self.batch?.permit = permit
            self.batch?.scope = permit.scope
            return .work(update: batch.update, permit, lease)
        case .wait(let rest, let reason, let scope):
            self.batch?.scope = scope
            self.batch?.outcome = .aborted("waiting, as told")
            self.restReason = "the controller says to wait: \(reason)"
            self.rest = rest
            return self.leave()
        }
    }

    // MARK: After the work

    private mutating func worked(_ report: BatchReport) -> Action {
        guard let batch else { return .look }
        self.absences[batch.update] = nil
        self.batch?.outcome =
            report.isFinished
            ? .finished(rows: report.rows, milliseconds: report.milliseconds)
            : .progressed(rows: report.rows, milliseconds: report.milliseconds, isCut: report.isCut)
        self.current = report.isFinished ? nil : batch.update
        self.rest = batch.permit?.sleep ?? .zero
        return self.leave()
    }

    private mutating func leave() -> Action {
        guard let batch, let scope = batch.scope else { return self.endRound() }
        self.batch?.scope = nil
        return .leave(update: batch.update, scope, batch.outcome)
    }

    /// What is not about a batch is about the database: it is tried again, ever more slowly.
    private mutating func failed(_ error: BackgroundUpdatesError) -> Action {
        if error.code == .fenced { self.lease = nil }
        if self.batch?.scope != nil { return self.leave() }
        self.batch = nil
        return self.idle(error.message, for: self.absencePause(""))
    }

    private mutating func absencePause(_ what: String) -> Duration {
        let count = (self.absences[what] ?? 0) + 1
        self.absences[what] = count
        return self.limits.pause(after: count, atMost: self.limits.absencePauseMax)
    }

    private mutating func workFailed(_ error: BackgroundUpdatesError, size: Int?, at now: WallTime) -> Action {
        guard let batch, let lease else { return self.leave() }
        switch error.code {
        case .fenced, .gone:
            self.batch?.outcome = .aborted(error.message)
            self.lease = nil
            self.rest = self.random.jittered(self.limits.restMin)
            return self.leave()
        case .busy:
            self.batch?.outcome = .aborted(error.message)
            self.rest = self.random.jittered(self.absencePause(batch.update))
            return self.leave()
        case .stale, .unavailable:
            self.batch?.outcome = .aborted(error.message)
        default:
            self.batch?.outcome = .failed(error.message)
        }
        self.current = nil
        self.rest = .zero
        return .note(update: batch.update, self.note(error, of: batch, size: size, at: now), lease)
    }

    private mutating func note(
        _ error: BackgroundUpdatesError,
        of batch: Batch,
        size: Int?,
        at now: WallTime
    ) -> FailureNote {
        var note = FailureNote(message: error.message, failures: batch.failures, retryAt: now, isSetAside: false)
        switch error.code {
        case .stale:
            note.failedSize = size
            note.retryAt = now + self.random.jittered(self.limits.restMin)
        case .unavailable:
            note.retryAt = now + self.random.jittered(self.absencePause(batch.update))
        case .definitive, .invalidDeclaration:
            note.failures += 1
            note.isSetAside = true
        default:
            note.failures += 1
            note.failedSize = size
            note.isSetAside = note.failures >= self.limits.failuresMax
            let pause = self.limits.pause(after: note.failures, atMost: self.limits.failurePauseMax)
            note.retryAt = now + self.random.jittered(pause)
        }
        return note
    }
}
