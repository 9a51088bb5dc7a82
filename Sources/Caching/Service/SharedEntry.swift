internal import MessageBus
internal import WireProtocol

/// A value that the service keeps for everybody.
struct SharedEntry: Sendable {
    /// What an entry takes beside its bytes: slots, dictionaries, the headers of strings.
    private static let overhead = 256

    let value: Payload
    let asof: UInt64
    let tags: [String]
    let expiresAt: MonotonicTime?
    /// Where its function is counted.
    var function: Int
    /// The metadata of a hit of an entry without end: the same every time.
    private let endlessGrant: Payload?
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
        self.endlessGrant = expiresAt == nil ? CacheGrant(.hit, asof: asof, tags: tags).encoded() : nil
        let bytes = key.utf8.count + value.count + (self.endlessGrant?.count ?? 0)
        self.size = tags.reduce(Self.overhead + bytes) { $0 + $1.utf8.count + 16 }
    }

    func isExpired(at now: MonotonicTime) -> Bool {
        guard let expiresAt = self.expiresAt else { return false }
        return now >= expiresAt
    }

    /// The metadata of a hit.
    func grant(at now: MonotonicTime) -> Payload {
        if let endlessGrant { return endlessGrant }
        // An entry that still has a part of a millisecond must not be handed on as one without end.
        let lifetime = self.expiresAt.map { max(1, $0.millisecondsSince(now)) }
        return CacheGrant(.hit, asof: self.asof, tags: self.tags, lifetimeMilliseconds: lifetime).encoded()
    }
}

/// A call that is owed a reply.
struct CacheCaller: Hashable, Sendable {
    var peer: PeerID
    var callID: UInt64
    /// When the caller gives up.
    var deadline: MonotonicTime

    var name: CallName { CallName(peer: self.peer, callID: self.callID) }
}

/// Which call: peers number theirs, each for itself.
struct CallName: Hashable, Sendable {
    var peer: PeerID
    var callID: UInt64
}
