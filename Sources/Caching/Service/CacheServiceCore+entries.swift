internal import MessageBus
internal import WireProtocol

// MARK: Reading

extension CacheServiceCore {
    mutating func get(
        _ get: CacheGet,
        for caller: CacheCaller,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        if let entry = self.servable(get.key, at: now) {
            self.statistics.hits += 1
            self.functions.count(entry.function) { $0.hits += 1 }
            return self.answer(caller, with: entry, at: now, into: &actions)
        }
        if let lease = self.leases[get.key], self.isWorthWaiting(for: lease, caller) {
            guard self.leases.waiterCount < self.limits.waitersMax else {
                let fault = BusFault(.overloaded, "too many calls wait for loads", isRetryable: true)
                return self.refuse(caller, fault, at: now, into: &actions)
            }
            if self.leases.wait(caller, for: get.key) { self.statistics.waits += 1 }
            return
        }
        self.lease(get.key, tags: get.tags, to: caller, at: now, into: &actions)
    }

    /// The entry of a key, if the rule lets it be served.
    private mutating func servable(_ key: String, at now: MonotonicTime) -> SharedEntry? {
        guard let entry = self.entries.use(key) else { return nil }
        let isOutOfDate =
            self.rules.contains(.tagsInService) && !self.ledger.permits(asof: entry.asof, tags: entry.tags)
        guard !isOutOfDate, !entry.isExpired(at: now) else {
            // Not needed for what is correct: it will never be served again and takes room.
            self.entries.remove(key).map { self.functions.removed($0) }
            return nil
        }
        return entry
    }

    /// Whether the value of a load under way could be served when it comes.
    ///
    /// One that an invalidation has overtaken cannot; and a caller that holds the lease itself would wait for itself.
    private func isWorthWaiting(for lease: Lease, _ caller: CacheCaller) -> Bool {
        lease.holder != caller.peer && self.ledger.permits(asof: lease.asof, tags: lease.tags)
    }

    /// Lets a caller load.
    private mutating func lease(
        _ key: String,
        tags: [String],
        to caller: CacheCaller,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        var token: UInt64 = 0
        // At the bound the caller loads for itself alone.
        if self.leases.count < self.limits.leasesMax {
            let end = now + self.limits.leaseTime
            token = self.leases.give(key, to: caller.peer, asof: self.head, tags: tags, until: end)
        }
        self.statistics.leases += 1
        self.functions.count(self.functions.place(of: key)) { $0.leases += 1 }
        self.grant(CacheGrant(.lease, asof: self.head, token: token), to: caller, at: now, into: &actions)
    }

    private mutating func answer(
        _ caller: CacheCaller,
        with entry: SharedEntry,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.answer(caller, metadata: entry.grant(at: now), body: entry.value, at: now, into: &actions)
    }

    private mutating func grant(
        _ grant: CacheGrant,
        to caller: CacheCaller,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.answer(caller, metadata: grant.encoded(), body: .empty, at: now, into: &actions)
    }
}

// MARK: Filling

extension CacheServiceCore {
    mutating func fill(
        _ fill: CacheFill,
        value: Payload,
        from caller: CacheCaller,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let isStored = self.store(fill, value, at: now)
        self.answer(caller, body: CacheFilled(isStored: isStored).encoded(), at: now, into: &actions)
        if isStored, let entry = self.entries.peek(fill.key) {
            self.statistics.fills += 1
            for waiter in self.leases.takeWaiters(of: fill.key) {
                self.answer(waiter, with: entry, at: now, into: &actions)
            }
        } else {
            self.statistics.refusedFills += 1
        }
        guard let lease = self.leases.end(fill.key, token: fill.token) else { return }
        if value.count > self.limits.valueBytesMax {
            // Nobody will ever find it here: all who wait may load at once.
            self.dismiss(lease, at: now, into: &actions)
        } else {
            self.passOn(fill.key, lease, at: now, into: &actions)
        }
    }

    /// Keeps a value if the rule lets it be served.
    private mutating func store(_ fill: CacheFill, _ value: Payload, at now: MonotonicTime) -> Bool {
        let asof = self.rules.contains(.markBeforeLoad) ? fill.asof : self.head
        guard fill.epoch == self.epoch, asof <= self.head, value.count <= self.limits.valueBytesMax else {
            return false
        }
        guard !self.rules.contains(.tagsInService) || self.ledger.permits(asof: asof, tags: fill.tags) else {
            return false
        }
        if let old = self.entries.peek(fill.key), old.asof > asof, !old.isExpired(at: now) { return false }
        let entry = SharedEntry(
            value.kept(),
            key: fill.key,
            asof: asof,
            tags: fill.tags,
            expiresAt: fill.lifetimeMilliseconds.map { now.adding(milliseconds: $0) },
            function: self.functions.place(of: fill.key)
        )
        return self.keep(entry, fill.key)
    }

    private mutating func keep(_ entry: SharedEntry, _ key: String) -> Bool {
        self.entries.remove(key).map { self.functions.removed($0) }
        guard let evicted = self.entries.set(key, entry, weight: entry.size) else { return false }
        self.functions.added(entry)
        self.functions.count(entry.function) { $0.fills += 1 }
        for other in evicted {
            self.functions.removed(other)
            self.functions.count(other.function) { $0.evictions += 1 }
        }
        self.statistics.evictions += evicted.count
        return true
    }

    mutating func release(
        _ release: CacheRelease,
        from caller: CacheCaller,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.answer(caller, body: CacheFilled(isStored: false).encoded(), at: now, into: &actions)
        guard let lease = self.leases.end(release.key, token: release.token) else { return }
        self.passOn(release.key, lease, at: now, into: &actions)
    }

    /// Lets the first of those who waited load.
    mutating func passOn(
        _ key: String,
        _ lease: Lease,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let waiting = lease.waiters.filter { $0.caller.deadline > now && self.peers[$0.caller.peer] != nil }
        guard let next = waiting.first else { return }
        self.lease(key, tags: lease.tags, to: next.caller, at: now, into: &actions)
        guard self.leases[key] != nil else {
            return self.dismiss(waiting.dropFirst(), at: now, into: &actions)
        }
        self.leases.wait(waiting.dropFirst(), andThoseWhoLeft: lease, for: key)
    }

    /// Lets all who waited load, each for itself.
    private mutating func dismiss(_ lease: Lease, at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.dismiss(lease.waiters[...], at: now, into: &actions)
    }

    private mutating func dismiss(
        _ waiters: ArraySlice<Lease.Waiter>,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        for waiter in waiters {
            self.grant(CacheGrant(.lease, asof: self.head), to: waiter.caller, at: now, into: &actions)
        }
    }
}
