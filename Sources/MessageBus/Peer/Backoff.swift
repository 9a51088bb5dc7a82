/// Ever longer pauses between attempts, up to a bound.
package struct Backoff {
    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(5)

    private var pause = Backoff.first

    package init() {}

    /// The pause before the next attempt; the one after it is twice as long.
    package mutating func next() -> Duration {
        defer { self.pause = min(self.pause * 2, Self.longest) }
        return self.pause
    }

    package mutating func reset() {
        self.pause = Self.first
    }
}
