/// Says that what has any of these tags is out of date: the body of a call to `cache/invalidate`.
public struct CacheInvalidation: ControlBody {
    /// Who says so: with ``id`` it makes a repeated call harmless.
    public var writer: String
    public var id: UInt64
    public var tags: [String]

    public init(writer: String, id: UInt64, tags: [String]) {
        self.writer = writer
        self.id = id
        self.tags = tags
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.writer = try reader.cacheKey("writer")
        self.id = try reader.cacheNumber("id")
        self.tags = try reader.cacheTags("tags")
        guard !self.tags.isEmpty else { throw JSONError("tags: expected at least one tag") }
    }

    public var json: JSONValue {
        ["writer": .string(self.writer), "id": .cacheNumber(self.id), "tags": .cacheTags(self.tags)]
    }
}

/// The number that an invalidation was given: the body of the reply to ``CacheInvalidation``.
public struct CacheInvalidated: ControlBody {
    public var number: UInt64

    public init(number: UInt64) {
        self.number = number
    }

    public init(json: JSONValue) throws(JSONError) {
        self.number = try JSONReader(json).cacheNumber("seq")
    }

    public var json: JSONValue { ["seq": .cacheNumber(self.number)] }
}

/// An invalidation on its way to every peer: the body of `INVALIDATE`, whose header has the epoch and, as call id, the number.
public struct InvalidationMessage: ControlBody {
    public var tags: [String]

    public init(tags: [String]) {
        self.tags = tags
    }

    public init(json: JSONValue) throws(JSONError) {
        self.tags = try JSONReader(json).cacheTags("tags")
    }

    public var json: JSONValue { ["tags": .cacheTags(self.tags)] }
}
