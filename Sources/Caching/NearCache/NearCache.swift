public import MessageBus

/// A value that a process keeps, with what decides whether it may be served.
public struct NearEntry<Value: Sendable>: Sendable {
    public var value: Value
    /// The number known before the load of the value began.
    public var asof: SequenceNumber
    public var tags: [String]
    /// When the value ends by itself; `nil` for never.
    public var expiresAt: MonotonicTime?

    public init(value: Value, asof: SequenceNumber, tags: [String], expiresAt: MonotonicTime?) {
        self.value = value
        self.asof = asof
        self.tags = tags
        self.expiresAt = expiresAt
    }

    public func isExpired(at now: MonotonicTime) -> Bool {
        guard let expiresAt = self.expiresAt else { return false }
        return now >= expiresAt
    }
}

/// The values of one function that a process keeps, bounded by their number.
///
/// It holds entries and never decides: whether one may be served is ``CoherenceClient``'s to say, at every hit.
public struct NearCache<Value: Sendable>: Sendable {
    private var entries: LeastRecentlyUsed<NearEntry<Value>>
    /// Entries that were dropped for lack of room.
    public private(set) var evictions = 0

    public init(entriesMax: Int) {
        self.entries = LeastRecentlyUsed(weightMax: max(1, entriesMax))
    }

    public var count: Int { self.entries.count }

    /// The entry of a key, whether it may be served or not.
    public mutating func entry(_ key: String) -> NearEntry<Value>? {
        self.entries.use(key)
    }

    /// Keeps an entry, unless the one that is there follows a later number.
    public mutating func insert(_ entry: NearEntry<Value>, for key: String) {
        if let old = self.entries.peek(key), old.asof > entry.asof { return }
        self.evictions += self.entries.set(key, entry)?.count ?? 0
    }

    /// Drops an entry that is of no use any more.
    public mutating func remove(_ key: String) {
        self.entries.remove(key)
    }
}
