/// Whether somebody else wants the processors, judged by how long it takes to give way.
///
/// A thread that is kind to others, as ``ThreadScheduling`` makes it, moves the most messages as long as those others are the threads
/// that its messages go to: each is done in microseconds. Next to a program that computes without end every kindness costs a time slice, and a
/// call is several. So a loop that was kept waiting for whole time slices, a few times within a moment, insists on its turn, and tries kindness
/// again after a while.
struct Crowding {
    /// Shorter than a time slice of Linux (2.8 ms and more), longer than a loop of ours takes for what it has received.
    static let longWait = Duration.milliseconds(2)
    /// How many long waits within ``moment`` mean that the processors are crowded.
    static let longWaitsMax = 3
    static let moment = Duration.milliseconds(100)
    /// How long they count as crowded at first; twice as long each time when they are found to be so still.
    static let shortestPause = Duration.seconds(1)
    static let longestPause = Duration.seconds(32)

    private(set) var isCrowded = false
    private var longWaits = 0
    private var firstLongWaitAt: ContinuousClock.Instant?
    private var pause = Self.shortestPause
    /// When the processors were last found crowded, or no longer taken to be.
    private var changedAt: ContinuousClock.Instant?

    /// Notes how long it took to give way; `true` when the processors are found crowded.
    mutating func gaveWay(for time: Duration, at now: ContinuousClock.Instant) -> Bool {
        // Short ones in between say nothing: a thread that gives way may be given the processor back at once.
        guard time >= Self.longWait else { return false }
        if let first = self.firstLongWaitAt, now - first < Self.moment {
            self.longWaits += 1
        } else {
            self.longWaits = 1
            self.firstLongWaitAt = now
        }
        guard self.longWaits == Self.longWaitsMax else { return false }
        self.firstLongWaitAt = nil
        if let changedAt, now - changedAt < self.pause {
            self.pause = min(self.pause * 2, Self.longestPause)
        } else {
            self.pause = Self.shortestPause
        }
        self.isCrowded = true
        self.changedAt = now
        return true
    }

    /// Ends the state that the processors count as crowded when its time is up; `true` when it does so now.
    mutating func relax(at now: ContinuousClock.Instant) -> Bool {
        guard self.isCrowded, let changedAt, now - changedAt >= self.pause else { return false }
        self.isCrowded = false
        self.changedAt = now
        return true
    }
}
