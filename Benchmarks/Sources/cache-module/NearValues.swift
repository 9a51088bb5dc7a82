import ModuleSDK
import Synchronization
import WireProtocol

/// A cached function all of whose values are in this process's near cache, and a dictionary with the same ones.
struct NearValues: Sendable {
    private static let keys = (0..<1000).map { "@user\($0):example.com" }

    private let value: CachedFunction<String, String>
    private let dictionary = Plain()

    /// The least that threads can share values by.
    private final class Plain: Sendable {
        let values = Mutex(Dictionary(uniqueKeysWithValues: NearValues.keys.map { ($0, CacheModule.value) }))

        func value(_ key: String) -> String? { self.values.withLock { $0[key] } }
    }

    init(_ api: ModuleAPI) {
        self.value = api.registerCachedFunction("near", entriesMax: Self.keys.count) { _ in CacheModule.value }
    }

    func measure(_ loop: HitLoop) async throws -> JSONValue {
        try await loop.run(Self.keys) { keys in
            var bytes = 0
            for key in keys { bytes += try await self.value(key).utf8.count }
            return bytes
        }
    }

    func measureDictionary(_ loop: HitLoop) async throws -> JSONValue {
        try await loop.run(Self.keys) { keys in
            keys.reduce(0) { $0 + (self.dictionary.value($1)?.utf8.count ?? 0) }
        }
    }
}
