import MessageBus

/// Counts what no connection sends often, malformed messages among it, and bars one that does when it is too much (`docs/wire-protocol.md` §9).
struct AbuseMeter {
    private static let countMax = 100
    private static let window = Duration.seconds(10)

    private var windowStart: MonotonicTime?
    private var count = 0
    private var barredUntil: MonotonicTime?

    /// Whether it has been too much, now or a while ago.
    @inline(__always)
    var hasBarred: Bool { self.barredUntil != nil }

    /// Whether what the connection sends is to be dropped unread.
    mutating func isBarred(at now: MonotonicTime) -> Bool {
        guard let until = self.barredUntil else { return false }
        guard now >= until else { return true }
        self = AbuseMeter()
        return false
    }

    /// Notes one such message.
    ///
    /// - Returns: Whether this was the one too many.
    mutating func note(at now: MonotonicTime) -> Bool {
        if let start = self.windowStart, now < start + Self.window {
            self.count += 1
        } else {
            self.windowStart = now
            self.count = 1
        }
        guard self.count >= Self.countMax, self.barredUntil == nil else { return false }
        self.barredUntil = now + Self.window
        return true
    }
}
