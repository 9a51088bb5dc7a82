/// The bounds of a process's use of the cache.
public struct CacheClientConfiguration: Sendable {
    /// Δ: how long after its acknowledgement an invalidation by another process may not be seen in this one.
    public var staleness: Duration
    /// The most tags whose invalidations are remembered.
    public var tagsMax: Int
    /// How long the load of another process is waited for.
    public var waitMax: Duration
    /// How long an invalidation is tried to be delivered.
    public var invalidationMax: Duration
    /// The most loads at a time while there is no cache service.
    public var loadsMax: Int

    public init(
        staleness: Duration = .seconds(2),
        tagsMax: Int = 65_536,
        waitMax: Duration = .seconds(10),
        invalidationMax: Duration = .seconds(5),
        loadsMax: Int = 64
    ) {
        self.staleness = staleness
        self.tagsMax = tagsMax
        self.waitMax = waitMax
        self.invalidationMax = invalidationMax
        self.loadsMax = loadsMax
    }
}

/// Why an invalidation was not acknowledged.
public struct CacheError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        private let rawValue: String

        /// The cache service could not be reached in time; other processes may go on serving what is out of date until its lifetime ends.
        public static let unreachable = Self(rawValue: "unreachable")
        /// The cache service does not accept it.
        public static let refused = Self(rawValue: "refused")
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { self.message }
}
