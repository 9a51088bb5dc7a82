/// What was written under some keys and what was read of them, and when.
///
/// A version is a number that grows with each write of its key; 0 is what was there before the first.
public struct History<Key: Hashable & Sendable>: Sendable {
    private struct Read {
        var key: Key
        var version: Int
        var began: ContinuousClock.Instant
    }

    private struct Write {
        var version: Int
        var acknowledged: ContinuousClock.Instant
    }

    private var reads: [Read] = []
    private var writes: [Key: [Write]] = [:]

    public var readCount: Int { self.reads.count }
    public var writeCount: Int { self.writes.values.reduce(0) { $0 + $1.count } }

    public init() {}

    /// Records what a read found, which began at some time.
    public mutating func read(_ version: Int, of key: Key, began: ContinuousClock.Instant) {
        self.reads.append(Read(key: key, version: version, began: began))
    }

    /// Records a write whose invalidation was acknowledged at some time; one that was not promises nothing.
    public mutating func wrote(_ version: Int, to key: Key, acknowledged: ContinuousClock.Instant) {
        self.writes[key, default: []].append(Write(version: version, acknowledged: acknowledged))
    }

    /// The reads that found something older than what had been acknowledged longer before than is promised.
    public func violations(staleness: Duration) -> [String] {
        // By key, the newest version that any acknowledgement up to a time has promised.
        let promises = self.writes.mapValues { writes in
            writes.sorted { $0.acknowledged < $1.acknowledged }.reduce(into: [Write]()) { promises, write in
                let known = promises.last?.version ?? 0
                promises.append(Write(version: max(known, write.version), acknowledged: write.acknowledged))
            }
        }
        return self.reads.compactMap { read in
            let promise = promises[read.key]?.last { $0.acknowledged < read.began - staleness }
            guard let promise, promise.version > read.version else { return nil }
            let age = read.began - promise.acknowledged
            return "\(read.key): read \(read.version), and \(promise.version) was acknowledged \(age) before"
        }
    }
}
