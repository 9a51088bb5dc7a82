/// A value that was served for longer after the acknowledgement of its invalidation than is promised.
public struct CacheViolation: Error, Hashable, Sendable, CustomStringConvertible {
    public var process: Int
    public var key: Int
    /// Which of the key's versions was served.
    public var version: Int
    /// Which was acknowledged by then.
    public var acknowledged: Int
    /// How long before the read began that was.
    public var milliseconds: Double

    public var description: String {
        let milliseconds = Int(self.milliseconds.rounded())
        return "stale: process \(self.process) read version \(self.version) of key \(self.key), "
            + "and \(self.acknowledged) had been acknowledged for \(milliseconds) ms"
    }
}
