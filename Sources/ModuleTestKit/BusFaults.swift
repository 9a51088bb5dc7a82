/// What a bus does wrong, for a test that wants to see it.
///
/// Each fault concerns every call that is made while it is injected.
public struct BusFaults: Hashable, Sendable {
    /// Calls never reach the module: they end as `lost`.
    public var losesCalls: Bool
    /// The module works, and nobody hears of it: calls end as `lost`.
    public var losesReplies: Bool
    /// How long a call is on its way to the module, by the test's clock.
    ///
    /// Its budget runs meanwhile.
    public var delay: Duration
    /// The module gets every call twice, one after the other, as when a call is made again because its first reply was lost.
    ///
    /// The caller gets the first reply.
    public var duplicatesCalls: Bool
    /// The module has as many calls as it takes: calls end as `overloaded` and never reach it.
    public var overloads: Bool

    public init(
        losesCalls: Bool = false,
        losesReplies: Bool = false,
        delay: Duration = .zero,
        duplicatesCalls: Bool = false,
        overloads: Bool = false
    ) {
        self.losesCalls = losesCalls
        self.losesReplies = losesReplies
        self.delay = delay
        self.duplicatesCalls = duplicatesCalls
        self.overloads = overloads
    }
}
