/// The times and bounds of a worker.
package struct WorkerLimits: Hashable, Sendable {
    /// How long a lease lasts without a sign of its owner.
    package var leaseTTL = Duration.seconds(10)
    /// How often a worker with nothing to do looks again.
    package var poll = Duration.seconds(5)
    /// The shortest rest of a worker that could not do anything.
    package var restMin = Duration.milliseconds(200)
    /// After so many failures in a row an update is set aside.
    package var failuresMax = 5
    /// The first pause after a failure; each further one is twice as long.
    package var pauseMin = Duration.seconds(1)
    package var failurePauseMax = Duration.seconds(300)
    /// The longest pause while a module or the database is not there: it costs little to ask, and progress waits for the answer.
    package var absencePauseMax = Duration.seconds(15)

    package init() {}

    /// The pause after the `count`th time in a row.
    package func pause(after count: Int, atMost longest: Duration) -> Duration {
        min(longest, self.pauseMin * (1 << min(max(0, count - 1), 20)))
    }
}
