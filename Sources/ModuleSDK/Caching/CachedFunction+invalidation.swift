internal import Caching
internal import WireProtocol

extension CachedFunction {
    func invalidate(_ key: Key) async throws {
        let tag = self.keyTag(try CacheKeyText.text(of: key))
        // A result whose key is too long is never kept.
        guard CacheLimits.isValid(tag) else { return }
        try await self.cache.invalidate([tag])
    }
}
