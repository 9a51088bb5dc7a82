internal import WireProtocol

/// The calls this process has made and not had an answer to.
struct OutboundCalls {
    /// How long it takes at most to find out that a caller has given up.
    private static let lookInterval = Duration.milliseconds(10)

    private var tracker: CallTracker<CallWaiter>
    /// When to look who has given up; nil while there are no calls.
    private var nextLook: MonotonicTime?

    init(countMax: Int) {
        self.tracker = CallTracker(countMax: countMax)
    }

    var count: Int { self.tracker.count }
    var nextDeadline: MonotonicTime? {
        guard let look = self.nextLook else { return self.tracker.nextDeadline }
        return min(look, self.tracker.nextDeadline ?? look)
    }

    /// Whether somebody still waits for the reply to a call.
    func isWaited(for id: UInt64) -> Bool {
        self.tracker[id] != nil
    }

    /// Notes a call that is about to be sent.
    ///
    /// - Returns: Its id, or `nil` when too many are in flight.
    mutating func begin(_ waiter: CallWaiter, deadline: MonotonicTime, now: MonotonicTime) -> UInt64? {
        if self.nextLook == nil { self.nextLook = now + Self.lookInterval }
        return self.tracker.insert(waiter, deadline: deadline, now: now)
    }

    /// Ends a call with its reply.
    ///
    /// - Returns: Whether anybody waited for it: a late reply finds nobody.
    mutating func finish(_ envelope: Envelope) -> Bool {
        let header = envelope.header
        guard let waiter = self.tracker.remove(header.callID) else { return false }
        let reply = BusReply(
            status: header.flags.status,
            target: header.target,
            epoch: header.epoch,
            metadata: envelope.metadata,
            body: envelope.body
        )
        waiter.resume(returning: .success(reply))
        return true
    }

    /// Ends a call without a reply; does nothing if it has ended.
    mutating func fail(_ id: UInt64, _ error: BusError) -> Bool {
        guard let waiter = self.tracker.remove(id) else { return false }
        waiter.resume(returning: .failure(error))
        return true
    }

    /// Ends the calls whose callers have given up, now and then.
    ///
    /// Looking at all of them a hundred times a second costs less than that each call tells its caller's task whom to tell.
    ///
    /// - Returns: The calls that nobody is to work on any more.
    mutating func giveUp(at now: MonotonicTime) -> [UInt64] {
        guard let look = self.nextLook, now >= look else { return [] }
        let givenUp = self.tracker.removeAll { $0.hasGivenUp }
        self.nextLook = self.count == 0 ? nil : now + Self.lookInterval
        return givenUp.map { call in
            call.context.resume(returning: .failure(BusError(.cancelled, "the caller gave up")))
            return call.id
        }
    }

    mutating func failAll(_ error: BusError) {
        for call in self.tracker.removeAll(where: { _ in true }) {
            call.context.resume(returning: .failure(error))
        }
    }

    /// Ends the calls whose budget is spent.
    mutating func expire(upTo now: MonotonicTime) -> [UInt64] {
        self.tracker.expire(upTo: now).map { call in
            call.context.resume(returning: .failure(BusError(.timeout, "no reply came within the budget")))
            return call.id
        }
    }
}
