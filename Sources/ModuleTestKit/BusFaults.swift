/// What a bus does wrong, for a test that wants to see it.
public struct BusFaults: Hashable, Sendable {
    /// Calls never reach the module.
    public var losesCalls: Bool
    /// The module works, and nobody hears of it.
    public var losesReplies: Bool

    public init(losesCalls: Bool = false, losesReplies: Bool = false) {
        self.losesCalls = losesCalls
        self.losesReplies = losesReplies
    }
}
