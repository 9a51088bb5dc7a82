internal import Caching
internal import MessageBus
internal import Synchronization
internal import WireProtocol

/// A function whose results are kept, in this process and for all processes of the module.
///
/// Made by ``ModuleAPI/registerCachedFunction(_:version:entriesMax:lifetime:tags:load:)`` and called like the function:
///
/// ```swift
/// let department = try await departmentOfUser("@alice:example.com")
/// ```
///
/// - A hit is as fresh as the platform promises: after ``ModuleAPI/invalidateCache(_:key:)`` has returned, this process serves nothing older,
///   and no other process does for longer than two seconds, whatever messages are lost and whoever is restarted.
/// - One load runs for a key, in all processes together. Cancelling a caller does not end the load for the others.
/// - Errors are not kept, `nil` is.
/// - While the cache service is away, values are loaded and not kept.
public final class CachedFunction<Key, Value>: Sendable
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    private struct State {
        var near: NearCache<Value>
        var loads: [String: SharedLoad<Value>] = [:]
    }

    /// The name under which all processes know the function: the module's, a dot, and its own.
    public let name: String
    let cache: CacheClient
    private let version: Int
    private let lifetime: Duration?
    private let tags: @Sendable (Key) -> [String]
    private let load: @Sendable (Key) async throws -> Value
    private let limit: LoadLimit
    private let state: Mutex<State>

    init(
        name: String,
        version: Int,
        entriesMax: Int,
        lifetime: Duration?,
        cache: CacheClient,
        tags: @escaping @Sendable (Key) -> [String],
        load: @escaping @Sendable (Key) async throws -> Value
    ) {
        self.name = name
        self.version = version
        self.lifetime = lifetime
        self.cache = cache
        self.tags = tags
        self.load = load
        self.limit = LoadLimit(cache.configuration.loadsMax)
        self.state = Mutex(State(near: NearCache(entriesMax: entriesMax)))
    }

    /// The result for a key, loaded only if nobody has it.
    ///
    /// - Throws: What the load throws, and `CancellationError` when the calling task is cancelled.
    public func callAsFunction(_ key: Key) async throws -> Value {
        let text = try CacheKeyText.text(of: key)
        if let hit = self.nearHit(text) {
            LoadParts.current?.note(tags: hit.entry.tags, ceiling: hit.applied)
            return hit.entry.value
        }
        guard let place = self.place(of: key, text) else { return try await self.load(key) }
        var (load, isOwn) = self.join(place, key)
        var outcome = try await load.outcome()
        // What a value is made of is known when it is there: a part of it may have been invalidated before this call joined the load. A
        // load that this call finds now began after the call did, so that once is enough.
        if !isOwn, !self.cache.permits(asof: outcome.asof, tags: outcome.tags) {
            (load, isOwn) = self.join(place, key)
            outcome = try await load.outcome()
        }
        // A load that had begun already may be older than the one that uses it.
        let ceiling = isOwn ? outcome.ceiling : min(load.mark, outcome.ceiling ?? load.mark)
        LoadParts.current?.note(tags: outcome.tags, ceiling: ceiling)
        return outcome.value
    }

    /// The entry of a key if it may be served now, and the newest invalidation that has been applied.
    private func nearHit(_ text: String) -> (entry: NearEntry<Value>, applied: SequenceNumber)? {
        let now = self.cache.now()
        guard let entry = self.state.withLock({ $0.near.entry(text) }), !entry.isExpired(at: now),
            let applied = self.cache.serves(asof: entry.asof, tags: entry.tags, at: now)
        else { return nil }
        return (entry, applied)
    }

    // MARK: Tags

    /// The tag of every result.
    var functionTag: String { CacheText.functionTag(self.name) }

    /// The tag of one result; the same in every version of the function.
    func keyTag(_ text: String) -> String { CacheText.keyTag(self.name, text) }

    /// Where a result is kept.
    struct Place {
        /// In the near cache.
        var text: String
        /// In the cache service.
        var key: String
        var tags: [String]
    }

    /// Where the result for a key is kept; `nil` when the key or a tag is too long for that.
    private func place(of key: Key, _ text: String) -> Place? {
        let tags = [self.keyTag(text), self.functionTag, CacheText.everything] + self.tags(key).map(CacheText.userTag)
        let place = Place(text: text, key: "\(self.name)@\(self.version)/\(text)", tags: tags)
        guard CacheLimits.isValid(place.key), tags.count <= CacheLimits.tagCount, tags.allSatisfy(CacheLimits.isValid)
        else { return nil }
        return place
    }

    // MARK: Loading

    /// The load of a key: one that is under way if it may be shared, or a new one.
    private func join(_ place: Place, _ key: Key) -> (load: SharedLoad<Value>, isOwn: Bool) {
        let running = self.state.withLock { $0.loads[place.text] }
        let mayShare = running.map { load in
            let tags = load.parts.snapshot.tags
            return self.cache.shares(mark: load.mark, tags: tags, since: load.beganAt)
        }
        let fresh = SharedLoad<Value>(mark: self.cache.applied, beganAt: self.cache.now(), tags: place.tags)
        let load = self.state.withLock { state in
            // Whatever took the place of the one looked at began just now.
            if let current = state.loads[place.text], current !== running || mayShare == true { return current }
            state.loads[place.text] = fresh
            return fresh
        }
        guard load === fresh else { return (load, false) }
        // A load that ended since this call looked into the near cache left its value there before it left its place in the table. The
        // service does not have that value yet, and would let this process load once more.
        if let (entry, applied) = self.nearHit(place.text) {
            let outcome = SharedLoad.Outcome(
                value: entry.value,
                tags: Set(entry.tags),
                asof: entry.asof,
                ceiling: applied
            )
            self.finish(fresh, place, .success(outcome))
            return (fresh, true)
        }
        // Not a child of the caller's task, because the load is for everybody who waits: cancelling the one that came first
        // must not end it. It ends with the load.
        Task(executorPreference: self.cache.executor) { await self.run(load, place, key) }
        return (load, true)
    }

    private func run(_ load: SharedLoad<Value>, _ place: Place, _ key: Key) async {
        switch await self.cache.obtain(place.key, tags: place.tags) {
        case .hit(let cached):
            if let value = Self.decode(cached.value) {
                self.keep(value, cached, place)
                return self.finish(
                    load,
                    place,
                    .success(.init(value: value, tags: Set(cached.tags), asof: cached.asof))
                )
            }
            // Of another version of the type, whose author did not count the version up: of no use here.
            await self.loadUncached(load, place, key)
        case .lease(let lease):
            await self.load(load, place, key, under: lease)
        case .unavailable:
            await self.loadUncached(load, place, key)
        }
    }

    private func loadUncached(_ load: SharedLoad<Value>, _ place: Place, _ key: Key) async {
        do {
            let value = try await LoadParts.$current.withValue(load.parts) {
                try await self.limit.run { try await self.load(key) }
            }
            let parts = load.parts.snapshot
            let asof = parts.lowered(load.mark)
            self.finish(
                load,
                place,
                .success(.init(value: value, tags: parts.tags, asof: asof, ceiling: parts.ceiling))
            )
        } catch {
            self.finish(load, place, .failure(error))
        }
    }

    private func load(_ load: SharedLoad<Value>, _ place: Place, _ key: Key, under lease: CacheLease) async {
        let value: Value
        do {
            value = try await LoadParts.$current.withValue(load.parts) { try await self.load(key) }
        } catch {
            self.finish(load, place, .failure(error))
            return await self.cache.release(lease)
        }
        let parts = load.parts.snapshot
        let asof = parts.lowered(lease.asof)
        let tags = parts.tags.sorted()
        // A part from another time in office says nothing about this one.
        let isKept = asof.epoch == lease.asof.epoch && tags.count <= CacheLimits.tagCount
        if isKept {
            let expiresAt = self.lifetime.map { self.cache.now() + $0 }
            let entry = NearEntry(value: value, asof: asof, tags: tags, expiresAt: expiresAt)
            self.state.withLock { $0.near.insert(entry, for: place.text) }
        }
        self.finish(load, place, .success(.init(value: value, tags: parts.tags, asof: asof, ceiling: parts.ceiling)))
        guard isKept, let body = Self.encode(value) else { return await self.cache.release(lease) }
        await self.cache.fill(lease, value: body, asof: asof, tags: tags, lifetime: self.lifetime)
    }

    private func keep(_ value: Value, _ cached: CachedValue, _ place: Place) {
        let entry = NearEntry(value: value, asof: cached.asof, tags: cached.tags, expiresAt: cached.expiresAt)
        self.state.withLock { $0.near.insert(entry, for: place.text) }
    }

    /// Ends a load, whose value must be in the near cache by now if it is to be kept.
    private func finish(
        _ load: SharedLoad<Value>,
        _ place: Place,
        _ result: Result<SharedLoad<Value>.Outcome, any Error>
    ) {
        self.state.withLock { state in
            if state.loads[place.text] === load { state.loads[place.text] = nil }
        }
        load.finish(result)
    }
}
