/// Says what somebody waits for: not at once, for most waits are short, then when it changes, and now and then when it does not.
public struct WaitingNotice: Sendable {
    private static let patience = Duration.seconds(2)
    private static let reminder = Duration.seconds(15)
    private static let interval = Duration.seconds(1)

    private var said: (reason: String, at: Duration)?
    private var nextLook = Self.patience

    public init() {}

    /// Whether it is time to find out what is waited for.
    ///
    /// - Parameter waited: How long it has lasted.
    /// - Returns: Once a second at most.
    public mutating func isDue(after waited: Duration) -> Bool {
        guard waited >= self.nextLook else { return false }
        self.nextLook = waited + Self.interval
        return true
    }

    /// What to say now; nil when it was said already.
    ///
    /// - Parameters:
    ///   - reason: What is waited for.
    ///   - waited: How long it has lasted.
    ///   - limit: How long it may last.
    /// - Returns: A line without its line feed.
    public mutating func text(_ reason: String, after waited: Duration, of limit: Duration) -> String? {
        if let said, said.reason == reason, waited < said.at + Self.reminder { return nil }
        self.said = (reason, waited)
        return "waiting since \(waited.components.seconds) s, for \(limit.components.seconds) s at most: \(reason)"
    }
}
