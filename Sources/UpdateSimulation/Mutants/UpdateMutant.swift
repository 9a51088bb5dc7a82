import BackgroundUpdates

/// A worker that lacks one rule: whoever watches it has to notice.
public enum UpdateMutant: String, CaseIterable, Sendable {
    /// A batch is committed without looking whose the lease is.
    case fenceIgnored = "fence_ignored"
    /// Who takes over does so in the epoch of the one before.
    case epochKept = "epoch_kept"
    /// A lease lasts for an hour.
    case leaseEndless = "lease_endless"
    /// Whoever rests keeps the database.
    case leaseKept = "lease_kept"
    /// A lease is not prolonged while a module thinks.
    case leaseNotKept = "lease_not_kept"
    /// The cursor is written before the rows, in a transaction of its own.
    case cursorFirst = "cursor_first"
    /// The rows are written without the cursor.
    case cursorLater = "cursor_later"
    /// Where a batch begins is remembered and not read.
    case cursorRemembered = "cursor_remembered"
    /// A worker that starts begins with the first row.
    case startsAnew = "starts_anew"
    /// What is paused or set aside is worked all the same.
    case pauseIgnored = "pause_ignored"
    /// Updates are worked though they are disabled.
    case disabledIgnored = "disabled_ignored"
    /// An update does not wait for another one.
    case dependencyIgnored = "dependency_ignored"
    /// The last is the first.
    case orderReversed = "order_reversed"
    /// What has failed is tried again at once.
    case backoffIgnored = "backoff_ignored"
    /// However often it fails, it is tried again.
    case neverSetAside = "never_set_aside"
    /// The first failure sets an update aside.
    case setAsideAtOnce = "set_aside_at_once"
    /// A failed batch is not retried with fewer rows, nor later.
    case failureForgotten = "failure_forgotten"
    /// What a module saw is applied, whatever the rows are by then.
    case staleIgnored = "stale_ignored"
    /// Rows that a module cannot do are not reported.
    case skippedForgotten = "skipped_forgotten"
    /// The first batch is the last.
    case finishedEarly = "finished_early"
    /// A batch goes on when its time is over.
    case neverCut = "never_cut"
    /// A batch has as many rows as a worker likes.
    case sizeUnbounded = "size_unbounded"
    /// After a batch comes the next.
    case sleepIgnored = "sleep_ignored"
    /// A controller that says to wait is not listened to.
    case waitIgnored = "wait_ignored"
    /// A scope is not left.
    case exitDropped = "exit_dropped"
    /// A scope is left twice.
    case exitRepeated = "exit_repeated"
}

extension UpdateMutant {
    /// What it makes of what a worker sees.
    func change(_ view: inout QueueView, worker: String) {
        switch self {
        case .pauseIgnored:
            for name in view.states.keys { view.states[name]?.standing = .active }
        case .disabledIgnored: view.control.isEnabled = true
        case .dependencyIgnored:
            for place in view.pending.indices { view.pending[place].dependsOn = nil }
        case .orderReversed:
            for place in view.pending.indices { view.pending[place].ordering = Int64(-place) }
        case .backoffIgnored:
            for name in view.states.keys { view.states[name]?.retryAt = WallTime(milliseconds: 0) }
        default: break
        }
    }

    /// What it makes of what a worker does next.
    func change(_ action: WorkerCore.Action) -> WorkerCore.Action {
        switch (self, action) {
        case (.sleepIgnored, .sleep): return .sleep(.milliseconds(200))
        case (.neverSetAside, .note(let update, var note, let lease)):
            note.isSetAside = false
            return .note(update: update, note, lease)
        case (.setAsideAtOnce, .note(let update, var note, let lease)):
            note.isSetAside = true
            return .note(update: update, note, lease)
        case (.failureForgotten, .note(let update, var note, let lease)):
            note.failures = 0
            note.retryAt = WallTime(milliseconds: 0)
            return .note(update: update, note, lease)
        default: return action
        }
    }

    func change(_ entry: EntryAnswer) -> EntryAnswer {
        guard self == .waitIgnored, case .wait(_, _, let scope) = entry else { return entry }
        return .run(UpdatePermit(target: .milliseconds(100), sleep: .zero, scope: scope))
    }

    /// What it makes of a lease that was granted.
    func change(_ answer: inout LeaseAnswer, _ control: inout Control, _ before: Control) {
        guard case .granted(let lease) = answer else { return }
        switch self {
        case .epochKept:
            control.epoch = before.epoch
            answer = .granted(Lease(owner: lease.owner, epoch: before.epoch, ttl: lease.ttl))
        case .leaseEndless:
            control.until = control.until + .seconds(3400)
            answer = .granted(Lease(owner: lease.owner, epoch: lease.epoch, ttl: .seconds(3400)))
        default: break
        }
    }
}
