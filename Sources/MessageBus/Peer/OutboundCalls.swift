internal import WireProtocol

/// The calls this process has made and not had an answer to.
struct OutboundCalls {
    /// Unsafe, and safe here: whoever takes a waiter out of the tracker resumes it, and it is in there once.
    typealias Waiter = UnsafeContinuation<Result<BusReply, BusError>, Never>

    private var tracker: CallTracker<Waiter>

    init(countMax: Int) {
        self.tracker = CallTracker(countMax: countMax)
    }

    var count: Int { self.tracker.count }
    var nextDeadline: MonotonicTime? { self.tracker.nextDeadline }

    /// Whether somebody still waits for the reply to a call.
    func isWaited(for id: UInt64) -> Bool {
        self.tracker[id] != nil
    }

    /// Notes a call that is about to be sent.
    ///
    /// - Returns: Its id, or `nil` when too many are in flight.
    mutating func begin(_ waiter: Waiter, deadline: MonotonicTime, now: MonotonicTime) -> UInt64? {
        self.tracker.insert(waiter, deadline: deadline, now: now)
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
