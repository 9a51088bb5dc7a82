internal import MessageBus
internal import WireProtocol

/// A value that the service keeps for everybody.
struct SharedEntry: Sendable {
    /// What an entry takes beside its bytes: slots, dictionaries, the headers of strings.
    private static let overhead = 256

    var value: Payload
    var asof: UInt64
    var tags: [String]
    var expiresAt: MonotonicTime?
    /// Where its function is counted.
    var function: Int
    /// What it takes in memory with its key, in bytes.
    let size: Int

    init(
        _ value: Payload,
        key: String,
        asof: UInt64,
        tags: [String],
        expiresAt: MonotonicTime? = nil,
        function: Int
    ) {
        self.value = value
        self.asof = asof
        self.tags = tags
        self.expiresAt = expiresAt
        self.function = function
        self.size = tags.reduce(Self.overhead + key.utf8.count + value.count) { $0 + $1.utf8.count + 16 }
    }

    func isExpired(at now: MonotonicTime) -> Bool {
        guard let expiresAt = self.expiresAt else { return false }
        return now >= expiresAt
    }

    /// What is left of its life; `nil` for no limit.
    func lifetimeMilliseconds(at now: MonotonicTime) -> UInt32? {
        // An entry that still has a part of a millisecond must not be handed on as one without end.
        self.expiresAt.map { max(1, $0.millisecondsSince(now)) }
    }
}

/// A call that is owed a reply.
struct CacheCaller: Hashable, Sendable {
    var peer: PeerID
    var callID: UInt64
    /// When the caller gives up.
    var deadline: MonotonicTime
}
