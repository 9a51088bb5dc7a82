internal import WireProtocol

/// What a cache service has done since it started.
struct CacheServiceStatistics: Sendable {
    var hits = 0
    var leases = 0
    var waits = 0
    var fills = 0
    var refusedFills = 0
    var evictions = 0
    var expiredLeases = 0
    var invalidations = 0
    var replays = 0
    var malformed = 0
    var undelivered = 0
}

extension CacheServiceCore {
    /// The reply to `cache/stats`.
    var report: JSONValue {
        func count(_ number: Int) -> JSONValue { .integer(Int64(number)) }
        let statistics = self.statistics
        return [
            "epoch": .integer(Int64(clamping: self.epoch)), "head": .integer(Int64(clamping: self.head)),
            "peers": count(self.peers.count),
            "entries": count(self.entries.count), "bytes": count(self.entries.weight),
            "bytes_max": count(self.entries.weightMax),
            "tags": count(self.ledger.tagCount), "loads": count(self.leases.count),
            "waiting": count(self.leases.waiterCount),
            "hits": count(statistics.hits), "leases": count(statistics.leases), "waits": count(statistics.waits),
            "fills": count(statistics.fills), "refused_fills": count(statistics.refusedFills),
            "evictions": count(statistics.evictions), "expired_leases": count(statistics.expiredLeases),
            "invalidations": count(statistics.invalidations), "replays": count(statistics.replays),
            "malformed": count(statistics.malformed), "undelivered": count(statistics.undelivered),
        ]
    }
}
