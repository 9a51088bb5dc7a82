import MessageBus

/// Keeps calls for a callback away from a module that fails most of them.
///
/// *Closed*, it only counts failures. It *opens* when enough calls have failed, and enough of all of them, over at least a second: a burst of failures, as when one of
/// several replicas hangs, opens nothing. *Open*, it refuses calls but for one trial at a time (half-open), ever more seldom while trials fail. The first success closes it.
///
/// An open circuit repeats the failure that opened it: it changes when a chain learns of the failure, and never what the failure does. A module whose errors refuse
/// cannot be made to allow by being made to fail often.
///
/// What it knows is of the module's processes of now: a new one begins with a closed circuit.
struct CircuitBreaker {
    struct Limits: Equatable, Sendable {
        /// How many calls have to fail; 0 for never.
        var failures = 10
        /// How many of a hundred calls have to fail.
        var percent = 50
        /// For how long failures are counted together.
        var window = Duration.seconds(10)
        /// The shortest time over which failures are judged, and the first pause before a trial.
        var pause = Duration.seconds(1)
        /// The longest pause between trials.
        var pauseMax = Duration.seconds(30)
    }

    /// What calls are refused with while the circuit is open; nil while it is closed.
    private(set) var openedBy: FailureKind?
    /// How often it has opened.
    private(set) var openings = 0
    private var windowStart: MonotonicTime?
    private var successesBefore = 0
    private var failures = 0
    /// The failure of this window that weighs most.
    private var worst: (kind: FailureKind, weight: Int)?
    private var nextTrial = MonotonicTime(nanoseconds: 0)
    /// When the newest trial was let through, or the circuit opened: calls from before that say nothing new.
    private var trialStart = MonotonicTime(nanoseconds: 0)
    private var pause = Duration.zero

    /// Whether a call may be made now; the one that may while the circuit is open is its trial.
    mutating func admits(at now: MonotonicTime) -> Bool {
        guard self.openedBy != nil else { return true }
        guard now >= self.nextTrial else { return false }
        self.nextTrial = now + self.pause
        self.trialStart = now
        return true
    }

    /// Whether a call that has waited since a time is not to be made any more: the circuit has opened since then, or has let a newer trial through.
    func bars(since time: MonotonicTime) -> Bool { self.openedBy != nil && time < self.trialStart }

    /// Notes a call that has failed.
    ///
    /// - Parameters:
    ///   - kind: How it failed.
    ///   - weight: How much that matters to the chain: of several kinds the one with the most is repeated.
    ///   - successes: How many calls have succeeded since the dispatcher's start.
    ///   - started: When the call was sent.
    ///   - now: The time.
    ///   - limits: When to open.
    /// - Returns: Whether the circuit has opened by this.
    mutating func failed(
        _ kind: FailureKind,
        weight: Int,
        successes: Int,
        since started: MonotonicTime,
        at now: MonotonicTime,
        _ limits: Limits
    ) -> Bool {
        guard self.openedBy == nil else {
            // Many calls may have been on their way when it opened, and each of them fails as that one did.
            guard started >= self.trialStart else { return false }
            self.pause = min(self.pause * 2, limits.pauseMax)
            self.nextTrial = now + self.pause
            return false
        }
        self.note(kind, weight, successes, now, limits)
        let succeeded = successes - self.successesBefore
        guard limits.failures > 0, self.failures >= limits.failures,
            self.failures * 100 >= limits.percent * (self.failures + succeeded),
            let start = self.windowStart, now.since(start) >= limits.pause
        else { return false }
        self.openedBy = self.worst?.kind ?? kind
        self.openings += 1
        self.pause = limits.pause
        self.trialStart = now
        self.nextTrial = now + self.pause
        return true
    }

    private mutating func note(
        _ kind: FailureKind,
        _ weight: Int,
        _ successes: Int,
        _ now: MonotonicTime,
        _ limits: Limits
    ) {
        if self.windowStart.map({ now.since($0) > limits.window }) ?? true {
            self.windowStart = now
            self.successesBefore = successes
            self.failures = 0
            self.worst = nil
        }
        self.failures += 1
        if weight >= self.worst?.weight ?? 0 { self.worst = (kind, weight) }
    }

    /// Notes a call that has succeeded.
    ///
    /// - Returns: Whether the circuit has closed by this.
    mutating func succeeded() -> Bool {
        guard self.openedBy != nil else { return false }
        self.openedBy = nil
        self.windowStart = nil
        return true
    }

    /// Forgets all failures, but not how often it has opened.
    ///
    /// - Returns: Whether the circuit has closed by this.
    mutating func reset() -> Bool {
        let (wasOpen, openings) = (self.openedBy != nil, self.openings)
        self = CircuitBreaker()
        self.openings = openings
        return wasOpen
    }
}
