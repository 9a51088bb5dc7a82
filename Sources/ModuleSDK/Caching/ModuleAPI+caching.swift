internal import Caching
internal import WireProtocol

extension ModuleAPI {
    /// Registers a function whose results are kept.
    ///
    /// In the initialiser of the module only.
    ///
    /// - Parameters:
    ///   - name: The function's name, unique within the module.
    ///   - version: To be counted up when the meaning or the type of the result changes: processes of different versions share
    ///     invalidations and no results.
    ///   - entriesMax: The most results kept in this process.
    ///   - lifetime: How long a result is kept at most; `nil` until it is invalidated.
    ///   - tags: What else a result can be invalidated by.
    ///   - load: The function.
    /// - Returns: The function with its cache.
    public func registerCachedFunction<Key, Value>(
        _ name: String,
        version: Int = 1,
        entriesMax: Int = 1000,
        lifetime: Duration? = nil,
        tags: @escaping @Sendable (Key) -> [String] = { _ in [] },
        load: @escaping @Sendable (Key) async throws -> Value
    ) -> CachedFunction<Key, Value> {
        self.noteCachedFunction(name)
        return CachedFunction(
            name: "\(self.moduleID).\(CacheText.escaped(name))",
            version: version,
            entriesMax: entriesMax,
            lifetime: lifetime,
            cache: self.cache,
            tags: tags,
            load: load
        )
    }

    /// Invalidates the result for a key, in every process.
    ///
    /// When it returns, this process serves nothing older, and no other process will in two seconds.
    ///
    /// - Throws: `CacheError` when the cache service did not acknowledge it. Calling again is safe.
    public func invalidateCache<Key, Value>(_ function: CachedFunction<Key, Value>, key: Key) async throws {
        try await function.invalidate(key)
    }

    /// Invalidates all results of a function, in every process.
    ///
    /// - Throws: `CacheError` when the cache service did not acknowledge it. Calling again is safe.
    public func invalidateCache<Key, Value>(_ function: CachedFunction<Key, Value>) async throws {
        try await self.cache.invalidate([function.functionTag])
    }

    /// Invalidates every result that has one of some tags, in every process and of every function.
    ///
    /// - Throws: `CacheError` when the cache service did not acknowledge it. Calling again is safe.
    public func invalidateCache(tags: [String]) async throws {
        guard !tags.isEmpty else { return }
        try await self.cache.invalidate(tags.map(CacheText.userTag))
    }
}
