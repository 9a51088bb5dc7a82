internal import MessageBus

/// The right of one caller to load a key, and those who wait for it.
struct Lease: Sendable {
    struct Waiter: Sendable {
        var caller: CacheCaller
        /// Smaller for those who came earlier.
        var place: UInt64
    }

    var token: UInt64
    var holder: PeerID
    /// The service's number when the load began.
    var asof: UInt64
    /// The tags that the value will have at least.
    var tags: [String]
    fileprivate(set) var waiting: [CallName: Waiter] = [:]

    /// In the order in which they came.
    var waiters: [Waiter] { self.waiting.values.sorted { $0.place < $1.place } }
}

/// The loads that are under way: at most one for each key.
///
/// A lease keeps loads from being done twice and has no part in what is correct: a value that comes after its lease has ended is
/// judged by its number like any other.
///
/// Callers wait in short calls that they cancel and make again, so whatever is done for one of those takes constant time.
struct LeaseTable: Sendable {
    private(set) var leases: [String: Lease] = [:]
    /// The key that each call waits for: as many as there are in all leases together.
    private(set) var keys: [CallName: String] = [:]
    /// In the order in which they end: all are given for the same time.
    private var ends = FirstInFirstOut<(key: String, token: UInt64, at: MonotonicTime)>()
    private var nextToken: UInt64 = 0
    private var nextPlace: UInt64 = 0

    var count: Int { self.leases.count }
    var waiterCount: Int { self.keys.count }
    var nextEnd: MonotonicTime? { self.ends.first?.at }

    subscript(key: String) -> Lease? { self.leases[key] }

    /// Gives a lease; those who waited for an earlier one of the key wait for this one.
    mutating func give(
        _ key: String,
        to holder: PeerID,
        asof: UInt64,
        tags: [String],
        until end: MonotonicTime
    ) -> UInt64 {
        self.nextToken += 1
        var lease = Lease(token: self.nextToken, holder: holder, asof: asof, tags: tags)
        if let earlier = self.leases[key] { lease.waiting = earlier.waiting }
        self.leases[key] = lease
        self.ends.append((key, self.nextToken, end))
        return self.nextToken
    }

    /// Lets a call wait behind all others.
    mutating func wait(_ caller: CacheCaller, for key: String) {
        self.nextPlace += 1
        self.wait([Lease.Waiter(caller: caller, place: self.nextPlace)], for: key)
    }

    /// Lets calls wait that have waited for an earlier lease.
    mutating func wait(_ waiters: some Sequence<Lease.Waiter>, for key: String) {
        guard self.leases[key] != nil else { return }
        for waiter in waiters {
            // A peer that uses a name twice waits with it once.
            _ = self.leave(waiter.caller.name)
            self.leases[key]?.waiting[waiter.caller.name] = waiter
            self.keys[waiter.caller.name] = key
        }
    }

    /// Ends a lease if it is the one that a token names.
    ///
    /// - Returns: The lease, with those who waited.
    mutating func end(_ key: String, token: UInt64) -> Lease? {
        guard let lease = self.leases[key], lease.token == token else { return nil }
        self.leases[key] = nil
        for name in lease.waiting.keys { self.keys[name] = nil }
        return lease
    }

    /// Takes those who wait for a key, and leaves the lease.
    mutating func takeWaiters(of key: String) -> [CacheCaller] {
        guard let lease = self.leases[key], !lease.waiting.isEmpty else { return [] }
        self.leases[key]?.waiting = [:]
        for name in lease.waiting.keys { self.keys[name] = nil }
        return lease.waiters.map(\.caller)
    }

    /// Ends the leases whose time is over.
    mutating func expire(upTo now: MonotonicTime) -> [(key: String, lease: Lease)] {
        var expired: [(key: String, lease: Lease)] = []
        while let end = self.ends.first, now >= end.at {
            _ = self.ends.popFirst()
            if let lease = self.end(end.key, token: end.token) { expired.append((end.key, lease)) }
        }
        return expired
    }

    /// Ends the leases of a connection that is gone; it does not wait for any either.
    mutating func removeAll(of peer: PeerID) -> [(key: String, lease: Lease)] {
        // Rare: as long as the numbers of calls that wait and of loads under way.
        for name in self.keys.keys where name.peer == peer { _ = self.leave(name) }
        return self.leases.filter { $0.value.holder == peer }.compactMap { key, lease in
            self.end(key, token: lease.token).map { (key, $0) }
        }
    }

    /// Learns that nobody waits for the answer to a call any more.
    mutating func removeWaiter(_ name: CallName) {
        _ = self.leave(name)
    }

    private mutating func leave(_ name: CallName) -> (key: String, waiter: Lease.Waiter)? {
        guard let key = self.keys.removeValue(forKey: name) else { return nil }
        return self.leases[key]?.waiting.removeValue(forKey: name).map { (key, $0) }
    }
}
