/// One process as the supervisor sees it.
public struct SupervisedProcess: Sendable, Hashable {
    public let plan: ProcessPlan
    public internal(set) var state = ProcessState.waiting
    /// How often it was started again.
    public internal(set) var restarts = 0
    /// Why it is not running, or why it last ended; empty before its first failure.
    public internal(set) var reason = ""

    /// Failures that still count towards quarantine, oldest first; never more than the limit.
    var failures: [Duration] = []
    /// How many restarts the back-off has seen since the process was last healthy.
    var backoffStep = 0

    init(plan: ProcessPlan) {
        self.plan = plan
    }
}
