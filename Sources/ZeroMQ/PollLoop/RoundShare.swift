/// How much of one kind of work may still run in one round.
///
/// Bounded in number, and in time because a piece of work may be anything; the clock is read once in a few pieces only.
struct RoundShare {
    static let limit = 1024
    static let time = Duration.milliseconds(5)
    private static let piecesPerGlance = 8

    /// How many pieces ran.
    private(set) var count = 0
    private var deadline: ContinuousClock.Instant?

    /// Counts a piece, and says whether there is room for another after it.
    mutating func use() -> Bool {
        self.count += 1
        guard self.count.isMultiple(of: Self.piecesPerGlance) else { return true }
        guard let deadline else {
            self.deadline = .now + Self.time
            return true
        }
        return self.count < Self.limit && .now < deadline
    }
}
