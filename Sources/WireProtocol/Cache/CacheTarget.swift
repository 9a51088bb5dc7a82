/// What the cache service is asked for (`docs/wire-protocol.md` §12).
public enum CacheTarget {
    public static let get = "cache/get"
    public static let fill = "cache/fill"
    public static let release = "cache/release"
    public static let invalidate = "cache/invalidate"
    public static let ping = "cache/ping"
    public static let replay = "cache/replay"
    public static let stats = "cache/stats"
    public static let list = "cache/list"
}

/// The bounds of keys and tags.
public enum CacheLimits {
    /// The longest key or tag, in bytes.
    public static let textSize = 1024
    /// The most tags of one entry or invalidation.
    public static let tagCount = 64
    /// The most invalidations of one replay.
    public static let replayCount = 512

    /// Whether a text may be a key or a tag: 1 to 1024 printable ASCII characters, so that equal texts are equal bytes.
    public static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...Self.textSize).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension JSONReader {
    /// A number of the cache: a sequence number, an epoch or a lease.
    func cacheNumber(_ key: String, default fallback: UInt64? = nil) throws(JSONError) -> UInt64 {
        try self.integer(key, in: 0...UInt64(Int64.max), default: fallback)
    }

    func cacheKey(_ key: String) throws(JSONError) -> String {
        let text = try self.string(key)
        guard CacheLimits.isValid(text) else {
            throw JSONError("\(key): expected 1 to \(CacheLimits.textSize) printable ASCII characters without spaces")
        }
        return text
    }

    func cacheTags(_ key: String) throws(JSONError) -> [String] {
        let tags = try self.strings(key)
        guard tags.count <= CacheLimits.tagCount else {
            throw JSONError("\(key): \(tags.count) tags, at most \(CacheLimits.tagCount)")
        }
        guard tags.allSatisfy(CacheLimits.isValid) else {
            throw JSONError("\(key): a tag has 1 to \(CacheLimits.textSize) printable ASCII characters without spaces")
        }
        return tags
    }

    func cacheLifetime(_ key: String) throws(JSONError) -> UInt32? {
        let milliseconds: UInt32 = try self.integer(key, in: 0...UInt32.max, default: 0)
        return milliseconds == 0 ? nil : milliseconds
    }
}

extension JSONValue {
    static func cacheNumber(_ number: UInt64) -> JSONValue { .integer(Int64(clamping: number)) }
    static func cacheTags(_ tags: [String]) -> JSONValue { .array(tags.map(JSONValue.string)) }
    static func cacheLifetime(_ milliseconds: UInt32?) -> JSONValue { .integer(Int64(milliseconds ?? 0)) }
}
