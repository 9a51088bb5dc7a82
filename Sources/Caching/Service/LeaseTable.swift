internal import MessageBus

/// The right of one caller to load a key, and those who wait for it.
struct Lease: Sendable {
    var token: UInt64
    var holder: PeerID
    /// The service's number when the load began.
    var asof: UInt64
    /// The tags that the value will have at least.
    var tags: [String]
    var expiresAt: MonotonicTime
    var waiters: [CacheCaller] = []
}

/// The loads that are under way: at most one for each key.
///
/// A lease keeps loads from being done twice and has no part in what is correct: a value that comes after its lease has ended is
/// judged by its number like any other.
struct LeaseTable: Sendable {
    private var leases: [String: Lease] = [:]
    /// In the order in which they end: all are given for the same time.
    private var ends = FirstInFirstOut<(key: String, token: UInt64, at: MonotonicTime)>()
    private var nextToken: UInt64 = 0
    private(set) var waiterCount = 0

    var count: Int { self.leases.count }
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
        let waiters = self.leases[key]?.waiters ?? []
        self.leases[key] = Lease(
            token: self.nextToken,
            holder: holder,
            asof: asof,
            tags: tags,
            expiresAt: end,
            waiters: waiters
        )
        self.ends.append((key, self.nextToken, end))
        return self.nextToken
    }

    mutating func wait(_ caller: CacheCaller, for key: String) {
        self.leases[key]?.waiters.append(caller)
        self.waiterCount += 1
    }

    /// Ends a lease if it is the one that a token names.
    ///
    /// - Returns: The lease, with those who waited.
    mutating func end(_ key: String, token: UInt64) -> Lease? {
        guard let lease = self.leases[key], lease.token == token else { return nil }
        self.leases[key] = nil
        self.waiterCount -= lease.waiters.count
        return lease
    }

    /// Takes those who wait for a key, and leaves the lease.
    mutating func takeWaiters(of key: String) -> [CacheCaller] {
        guard let waiters = self.leases[key]?.waiters, !waiters.isEmpty else { return [] }
        self.leases[key]?.waiters = []
        self.waiterCount -= waiters.count
        return waiters
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
        for key in self.leases.keys {
            self.removeWaiters(of: key) { $0.peer == peer }
        }
        return self.leases.filter { $0.value.holder == peer }.compactMap { key, lease in
            self.end(key, token: lease.token).map { (key, $0) }
        }
    }

    mutating func removeWaiter(callID: UInt64, of peer: PeerID) {
        // Rare, and as long as the number of loads under way.
        for key in self.leases.keys {
            self.removeWaiters(of: key) { $0.peer == peer && $0.callID == callID }
        }
    }

    private mutating func removeWaiters(of key: String, where isGone: (CacheCaller) -> Bool) {
        guard let waiters = self.leases[key]?.waiters, waiters.contains(where: isGone) else { return }
        let staying = waiters.filter { !isGone($0) }
        self.leases[key]?.waiters = staying
        self.waiterCount -= waiters.count - staying.count
    }
}
