import CacheHistory
import Caching
import ModuleSDK
import Synchronization

/// Reads and writes the keys of a source through cached functions, and records both.
final class HistoryTraffic: Sendable {
    private struct State {
        var versions: [Int]
        var history = History<Int>()
        var loads = 0
    }

    private let state: Mutex<State>
    private let keys: Int

    init(keys: Int) {
        self.keys = keys
        self.state = Mutex(State(versions: Array(repeating: 0, count: keys)))
    }

    var history: History<Int> { self.state.withLock(\.history) }
    var loads: Int { self.state.withLock(\.loads) }

    var summary: String {
        self.state.withLock { "\($0.history.readCount) reads, \($0.history.writeCount) writes, \($0.loads) loads" }
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
        self.state.withLock { $0.history.read(version, of: key, began: began) }
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
        let acknowledged = ContinuousClock.now
        self.state.withLock { $0.history.wrote(version, to: key, acknowledged: acknowledged) }
    }
}
