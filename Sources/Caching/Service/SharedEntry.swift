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

    func isExpired(at now: MonotonicTime) -> Bool {
        guard let expiresAt = self.expiresAt else { return false }
        return now >= expiresAt
    }

    /// What is left of its life; `nil` for no limit.
    func lifetimeMilliseconds(at now: MonotonicTime) -> UInt32? {
        // An entry that still has a part of a millisecond must not be handed on as one without end.
        self.expiresAt.map { max(1, $0.millisecondsSince(now)) }
    }

    /// What the entry takes in memory, in bytes.
    func weight(key: String) -> Int {
        self.tags.reduce(Self.overhead + key.utf8.count + self.value.count) { $0 + $1.utf8.count + 16 }
    }
}

/// A call that is owed a reply.
struct CacheCaller: Hashable, Sendable {
    var peer: PeerID
    var callID: UInt64
    /// When the caller gives up.
    var deadline: MonotonicTime
}
