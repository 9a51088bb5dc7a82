import MessageBus

/// When hosts are sent the routing table, which changes two thousand times when a thousand modules come.
///
/// The first change is told at once. Those that follow soon are told together, when a pause has passed that is the longer the larger the table is: so what tables cost
/// a host is bounded, however often they change, and the newest is never later than that pause.
struct TablePace {
    /// The shortest pause between two tables.
    static let pauseMin = Duration.milliseconds(5)
    /// About twenty megabytes a second, which is what a host can read and still do its work.
    static let nanosecondsPerByte = 50

    private var earliest = MonotonicTime(nanoseconds: 0)
    /// When hosts are to be told what has changed since; nil when they know.
    private(set) var due: MonotonicTime?

    /// Notes a change.
    ///
    /// - Returns: Whether hosts are to be told now.
    mutating func changed(at now: MonotonicTime) -> Bool {
        guard now < self.earliest else { return true }
        self.due = self.earliest
        return false
    }

    /// Whether hosts are to be told what has changed some time ago.
    func isDue(at now: MonotonicTime) -> Bool { self.due.map { now >= $0 } ?? false }

    /// Notes that they were told, with a table of so many bytes; nil when there is nobody to tell.
    mutating func told(bytes: Int?, at now: MonotonicTime) {
        self.due = nil
        guard let bytes else { return }
        self.earliest = now + Self.pauseMin + .nanoseconds(bytes * Self.nanosecondsPerByte)
    }
}
