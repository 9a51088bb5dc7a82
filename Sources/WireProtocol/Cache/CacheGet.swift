/// Asks for an entry, and for the right to load it where there is none: the body of a call to `cache/get`.
public struct CacheGet: ControlBody {
    public var key: String
    /// The tags that the entry will have at least, so that a load that an invalidation has overtaken is not waited for.
    public var tags: [String]

    public init(key: String, tags: [String]) {
        self.key = key
        self.tags = tags
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.key = try reader.cacheKey("key")
        self.tags = try reader.cacheTags("tags")
    }

    public var json: JSONValue {
        ["key": .string(self.key), "tags": .cacheTags(self.tags)]
    }
}

/// The metadata of the reply to ``CacheGet``; the header has the epoch, the body of a hit is the value.
public struct CacheGrant: ControlBody {
    public enum Outcome: String, CaseIterable, Sendable {
        /// The body is the value.
        case hit
        /// The caller is to load the value, and to fill or release the lease.
        case lease
    }

    public var outcome: Outcome
    /// The number of the newest invalidation that the value, or the load that begins now, is known to follow.
    public var asof: UInt64
    /// Which lease; 0 for a hit, and for a load that nobody waits for.
    public var token: UInt64
    /// All tags of a hit.
    public var tags: [String]
    /// How long a hit may be kept; `nil` for no limit.
    public var lifetimeMilliseconds: UInt32?

    public init(
        _ outcome: Outcome,
        asof: UInt64,
        token: UInt64 = 0,
        tags: [String] = [],
        lifetimeMilliseconds: UInt32? = nil
    ) {
        self.outcome = outcome
        self.asof = asof
        self.token = token
        self.tags = tags
        self.lifetimeMilliseconds = lifetimeMilliseconds
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.outcome = try reader.choice("outcome")
        self.asof = try reader.cacheNumber("asof")
        self.token = try reader.cacheNumber("token", default: 0)
        self.tags = try reader.cacheTags("tags")
        self.lifetimeMilliseconds = try reader.cacheLifetime("ttl_ms")
    }

    public var json: JSONValue {
        switch self.outcome {
        case .hit:
            [
                "outcome": "hit", "asof": .cacheNumber(self.asof), "tags": .cacheTags(self.tags),
                "ttl_ms": .cacheLifetime(self.lifetimeMilliseconds),
            ]
        case .lease:
            ["outcome": "lease", "asof": .cacheNumber(self.asof), "token": .cacheNumber(self.token)]
        }
    }
}
