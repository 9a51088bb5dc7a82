/// Brings a loaded value: the metadata of a call to `cache/fill`, whose body is the value.
public struct CacheFill: ControlBody {
    public var key: String
    /// The lease it was loaded under.
    public var token: UInt64
    /// The epoch of the lease.
    public var epoch: UInt64
    /// That of the lease, or lower when the load used older values.
    public var asof: UInt64
    public var tags: [String]
    /// How long the value may be kept; `nil` for no limit.
    public var lifetimeMilliseconds: UInt32?

    public init(
        key: String,
        token: UInt64,
        epoch: UInt64,
        asof: UInt64,
        tags: [String],
        lifetimeMilliseconds: UInt32? = nil
    ) {
        self.key = key
        self.token = token
        self.epoch = epoch
        self.asof = asof
        self.tags = tags
        self.lifetimeMilliseconds = lifetimeMilliseconds
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.key = try reader.cacheKey("key")
        self.token = try reader.cacheNumber("token")
        self.epoch = try reader.cacheNumber("epoch")
        self.asof = try reader.cacheNumber("asof")
        self.tags = try reader.cacheTags("tags")
        self.lifetimeMilliseconds = try reader.cacheLifetime("ttl_ms")
    }

    public var json: JSONValue {
        [
            "key": .string(self.key), "token": .cacheNumber(self.token), "epoch": .cacheNumber(self.epoch),
            "asof": .cacheNumber(self.asof), "tags": .cacheTags(self.tags),
            "ttl_ms": .cacheLifetime(self.lifetimeMilliseconds),
        ]
    }
}

/// Whether a value was kept: the body of the reply to ``CacheFill``.
public struct CacheFilled: ControlBody {
    public var isStored: Bool

    public init(isStored: Bool) {
        self.isStored = isStored
    }

    public init(json: JSONValue) throws(JSONError) {
        self.isStored = try JSONReader(json).bool("stored", default: false)
    }

    public var json: JSONValue { ["stored": .bool(self.isStored)] }
}

/// Gives a lease back without a value, because the load failed: the body of a call to `cache/release`.
public struct CacheRelease: ControlBody {
    public var key: String
    public var token: UInt64

    public init(key: String, token: UInt64) {
        self.key = key
        self.token = token
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.key = try reader.cacheKey("key")
        self.token = try reader.cacheNumber("token")
    }

    public var json: JSONValue { ["key": .string(self.key), "token": .cacheNumber(self.token)] }
}
