/// The number of the newest invalidation: the body of the reply to `cache/ping`; the header has the epoch.
public struct CacheHead: ControlBody {
    public var head: UInt64

    public init(head: UInt64) {
        self.head = head
    }

    public init(json: JSONValue) throws(JSONError) {
        self.head = try JSONReader(json).cacheNumber("head")
    }

    public var json: JSONValue { ["head": .cacheNumber(self.head)] }
}

/// Asks for invalidations that did not arrive: the body of a call to `cache/replay`.
public struct CacheReplay: ControlBody {
    public var epoch: UInt64
    /// The first number that is missing.
    public var from: UInt64

    public init(epoch: UInt64, from: UInt64) {
        self.epoch = epoch
        self.from = from
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.epoch = try reader.cacheNumber("epoch")
        self.from = try reader.cacheNumber("from")
    }

    public var json: JSONValue { ["epoch": .cacheNumber(self.epoch), "from": .cacheNumber(self.from)] }
}

/// The body of the reply to ``CacheReplay``; the header has the epoch.
public struct CacheReplayed: ControlBody {
    /// The number of the newest invalidation.
    public var head: UInt64
    /// The invalidations asked for are gone, or of another epoch: everything up to ``head`` has to be forgotten.
    public var isTrimmed: Bool
    /// The tags of the invalidations from the number asked for on, without gaps; they may end before ``head``.
    public var invalidations: [[String]]

    public init(head: UInt64, isTrimmed: Bool = false, invalidations: [[String]] = []) {
        self.head = head
        self.isTrimmed = isTrimmed
        self.invalidations = invalidations
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.head = try reader.cacheNumber("head")
        self.isTrimmed = try reader.bool("trimmed", default: false)
        self.invalidations = try reader.objects("invalidations") { entry throws(JSONError) in
            try entry.cacheTags("tags")
        }
    }

    public var json: JSONValue {
        [
            "head": .cacheNumber(self.head), "trimmed": .bool(self.isTrimmed),
            "invalidations": .array(self.invalidations.map { ["tags": .cacheTags($0)] }),
        ]
    }
}
