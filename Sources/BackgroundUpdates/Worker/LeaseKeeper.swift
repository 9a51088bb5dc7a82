internal import Synchronization

/// Prolongs a lease while a batch waits outside of a transaction, as for a module that thinks.
///
/// Without it two workers with a slow module would take the database from each other for ever.
final class LeaseKeeper: Sendable {
    private let lease: Lease
    private let update: String
    private let store: UpdateStore
    /// Nil until the first call: how old the lease is by then is not known.
    private let renewed = Mutex<Duration?>(nil)

    init(_ lease: Lease, update: String, store: UpdateStore) {
        self.lease = lease
        self.update = update
        self.store = store
    }

    /// - Throws: ``BackgroundUpdatesError/Code/fenced`` when somebody else has taken over already.
    func keep() async throws {
        let now = self.store.clock.uptime()
        let isFresh = self.renewed.withLock { renewed in
            if let renewed, now - renewed < self.lease.ttl / 4 { return true }
            return false
        }
        guard !isFresh else { return }
        try await self.store.renew(self.lease, for: self.update)
        self.renewed.withLock { $0 = now }
    }
}
