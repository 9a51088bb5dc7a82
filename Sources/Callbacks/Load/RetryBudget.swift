/// How many calls of a callback may be made a second time: a share of all, so that a fault does not become a storm.
///
/// Each call puts a share of a token into a bucket, and a second try takes a whole one out. A count of tries would not bound the load that they make.
struct RetryBudget: Equatable {
    /// What a full bucket allows at once.
    private static let tokensMax = 10
    private static let token = 100

    /// Which share of the calls may be tried again, in percent.
    private let percent: Int
    private var hundredths: Int

    init(percent: Int) {
        self.percent = percent
        self.hundredths = percent == 0 ? 0 : Self.tokensMax * Self.token
    }

    mutating func noteCall() {
        self.hundredths = min(self.hundredths + self.percent, Self.tokensMax * Self.token)
    }

    /// - Returns: Whether a second try is within the budget, which then has one less.
    mutating func take() -> Bool {
        guard self.hundredths >= Self.token else { return false }
        self.hundredths -= Self.token
        return true
    }
}
