/// When a socket is asked for news of its connections: where nothing else came, and now and then while messages come.
///
/// To ask is a call of the system. Whoever is not asked in a round may sleep before the next: the news' descriptor stays readable until they
/// are read, and ends the sleep.
struct NewsPatience {
    /// For how long, and the rest of a round, news may wait while messages come.
    private static let milliseconds: UInt32 = 1

    /// Whether the last round has read messages.
    var hasRead = false
    private var askedAt = MonotonicTime(nanoseconds: 0)

    /// Judges whether to ask now, and notes it.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - isReading: Whether this round has read messages already.
    /// - Returns: Whether to ask.
    mutating func isOver(at now: MonotonicTime, whileReading isReading: Bool) -> Bool {
        guard !(isReading || self.hasRead) || now >= self.askedAt.adding(milliseconds: Self.milliseconds) else {
            return false
        }
        self.askedAt = now
        return true
    }
}
