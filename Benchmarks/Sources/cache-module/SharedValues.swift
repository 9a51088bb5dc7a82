import CallLoad
import ModuleSDK
import Synchronization
import WireProtocol

/// A cached function whose values the cache service holds and the near cache, of one entry, never has.
struct SharedValues: Sendable {
    private let value: CachedFunction<Int, String>
    private let loads: Loads

    private final class Loads: Sendable {
        private let storage = Mutex(0)
        var count: Int { self.storage.withLock { $0 } }
        func note() { self.storage.withLock { $0 += 1 } }
    }

    init(_ api: ModuleAPI) {
        let loads = Loads()
        self.loads = loads
        self.value = api.registerCachedFunction("shared", entriesMax: 1) { _ in
            loads.note()
            return CacheModule.value
        }
    }

    func measure(inFlight: Int, _ times: Times) async throws -> JSONValue {
        // Two keys for each caller, of which it takes the one that it has not just put into the near cache.
        try await self.share(0..<2 * inFlight)
        let before = self.loads.count
        let load = CallLoad(inFlight: inFlight, warmUp: times.warmUp, measured: times.measured)
        let summary = try await load.run { caller, turn in
            let value = try await self.value(2 * caller + turn % 2)
            guard value.utf8.count == CacheModule.value.utf8.count else {
                throw BusFault(.internal, "the cache service has another value than was brought to it")
            }
        }
        let loads = self.loads.count - before
        guard loads == 0 else {
            throw BusFault(
                .internal,
                "\(loads) values were loaded that the cache service has: this process was stopped, or too busy to ask it, for two seconds"
            )
        }
        return .object(summary.json)
    }

    /// Sees that the cache service has all values: it is brought them some time after they are loaded.
    private func share(_ keys: Range<Int>) async throws {
        for _ in 0..<100 {
            let before = self.loads.count
            for key in keys { _ = try await self.value(key) }
            if self.loads.count == before { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw BusFault(.internal, "the cache service does not keep what it is brought")
    }
}
