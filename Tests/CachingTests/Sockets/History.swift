import Caching
import ModuleSDK
import Synchronization

/// What was written and read, and when; and what of it was out of date for too long.
final class History: Sendable {
    struct Write {
        var key: Int
        var version: Int
        var acknowledged: ContinuousClock.Instant
    }

    struct Read {
        var key: Int
        var version: Int
        var began: ContinuousClock.Instant
    }

    struct Report {
        var violations: [String]
        var reads: Int
        var writes: Int
        var loads: Int

        var summary: String { "\(self.reads) reads, \(self.writes) writes, \(self.loads) loads" }
    }

    private struct State {
        var versions: [Int]
        var writes: [Write] = []
        var reads: [Read] = []
        var loads = 0
    }

    private let state: Mutex<State>
    private let keys: Int

    init(keys: Int) {
        self.keys = keys
        self.state = Mutex(State(versions: Array(repeating: 0, count: keys)))
    }

    func load(_ key: Int) -> Int {
        self.state.withLock { state in
            state.loads += 1
            return state.versions[key]
        }
    }

    func read(_ function: CachedFunction<Int, Int>) async throws {
        let key = Int.random(in: 0..<self.keys)
        let began = ContinuousClock.now
        let version = try await function(key)
        self.state.withLock { $0.reads.append(Read(key: key, version: version, began: began)) }
        try await Task.sleep(for: .microseconds(200))
    }

    /// Writes a key; an invalidation that is not acknowledged promises nothing.
    func write(_ invalidate: (Int) async throws -> Void) async throws {
        let key = Int.random(in: 0..<self.keys)
        let version = self.state.withLock { state in
            state.versions[key] += 1
            return state.versions[key]
        }
        do {
            try await invalidate(key)
        } catch is CacheError {
            return
        }
        // The time is taken under the lock, so that the list is in its order.
        self.state.withLock { $0.writes.append(Write(key: key, version: version, acknowledged: .now)) }
    }

    func report(staleness: Duration) -> Report {
        self.state.withLock { state in
            var promises: [[(since: ContinuousClock.Instant, version: Int)]] = Array(repeating: [], count: self.keys)
            for write in state.writes {
                let known = promises[write.key].last?.version ?? 0
                promises[write.key].append((write.acknowledged, max(known, write.version)))
            }
            let violations = state.reads.compactMap { read -> String? in
                let promise = promises[read.key].last { $0.since < read.began - staleness }
                guard let promise, promise.version > read.version else { return nil }
                return "key \(read.key): read \(read.version), \(promise.version) was acknowledged long before"
            }
            return Report(
                violations: violations,
                reads: state.reads.count,
                writes: state.writes.count,
                loads: state.loads
            )
        }
    }
}
