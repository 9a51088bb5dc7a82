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
    /// The places of connections whose calls were given up, for when they call again.
    fileprivate(set) var left: [PeerID: UInt64] = [:]

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
    /// The places that are kept for those who call again, in all leases together.
    private(set) var leftCount = 0
    /// At this bound a place is not kept: it decides who loads next, not what is correct.
    private let leftMax: Int

    init(leftMax: Int) {
        self.leftMax = leftMax
    }

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
        if let earlier = self.leases[key] {
            lease.waiting = earlier.waiting
            lease.left = earlier.left
        }
        // It is its turn: when it waits again, it does so behind all others.
        if lease.left.removeValue(forKey: holder) != nil { self.leftCount -= 1 }
        self.leases[key] = lease
        self.ends.append((key, self.nextToken, end))
        return self.nextToken
    }

    /// Lets a call wait behind all others, or at the place at which its connection gave up waiting for the key.
    ///
    /// - Returns: Whether it is new among those who wait.
    @discardableResult mutating func wait(_ caller: CacheCaller, for key: String) -> Bool {
        guard self.leases[key] != nil else { return false }
        // A peer that uses a name twice waits with it once.
        self.removeWaiter(caller.name)
        let left = self.leases[key]?.left.removeValue(forKey: caller.peer)
        if left == nil { self.nextPlace += 1 } else { self.leftCount -= 1 }
        self.leases[key]?.waiting[caller.name] = Lease.Waiter(caller: caller, place: left ?? self.nextPlace)
        self.keys[caller.name] = key
        return left == nil
    }

    /// Lets those who waited for an ended lease wait for the next one.
    mutating func wait(_ waiters: some Sequence<Lease.Waiter>, andThoseWhoLeft ended: Lease, for key: String) {
        guard var lease = self.leases[key] else { return }
        for waiter in waiters {
            lease.waiting[waiter.caller.name] = waiter
            self.keys[waiter.caller.name] = key
        }
        self.leftCount -= lease.left.count
        lease.left = ended.left.filter { $0.key != lease.holder }
        self.leftCount += lease.left.count
        self.leases[key] = lease
    }

    /// Ends a lease if it is the one that a token names.
    ///
    /// - Returns: The lease, with those who waited.
    mutating func end(_ key: String, token: UInt64) -> Lease? {
        guard let lease = self.leases[key], lease.token == token else { return nil }
        self.leases[key] = nil
        self.leftCount -= lease.left.count
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
        for name in self.keys.keys where name.peer == peer { self.removeWaiter(name) }
        for (key, lease) in self.leases where lease.left[peer] != nil {
            self.leases[key]?.left[peer] = nil
            self.leftCount -= 1
        }
        return self.leases.filter { $0.value.holder == peer }.compactMap { key, lease in
            self.end(key, token: lease.token).map { (key, $0) }
        }
    }

    /// Learns that nobody waits for the answer to a call any more, and keeps its place for the next one.
    mutating func removeWaiter(_ name: CallName) {
        guard let key = self.keys.removeValue(forKey: name),
            let waiter = self.leases[key]?.waiting.removeValue(forKey: name)
        else { return }
        if let other = self.leases[key]?.left[name.peer] {
            self.leases[key]?.left[name.peer] = min(other, waiter.place)
        } else if self.leftCount < self.leftMax {
            self.leases[key]?.left[name.peer] = waiter.place
            self.leftCount += 1
        }
    }
}
