internal import WireProtocol

// MARK: Calls of this process, on the loop's thread

extension PeerSocket {
    func begin(_ request: BusRequest, _ waiter: CallWaiter) {
        self.preconditionOnLoop()
        if let error = self.refusal(of: request, waiter) {
            return waiter.resume(returning: .failure(error))
        }
        let now = MonotonicTime.now()
        let deadline = now.adding(milliseconds: request.budgetMilliseconds)
        guard let id = self.outbound.begin(waiter, deadline: deadline, now: now) else {
            let error = BusError(.overloaded, "\(self.outbound.count) calls are in flight already")
            return waiter.resume(returning: .failure(error))
        }
        let header = Header(
            kind: .call,
            flags: request.flags,
            budgetMilliseconds: request.budgetMilliseconds,
            callID: id,
            target: request.target
        )
        self.send(Envelope(header, metadata: request.metadata, body: request.body), at: now)
    }

    private func refusal(of request: BusRequest, _ waiter: CallWaiter) -> BusError? {
        if waiter.hasGivenUp { return BusError(.cancelled, "the call was cancelled before it began") }
        if self.session.state == .stopped { return BusError(.stopped, "the connection has been stopped") }
        if !self.session.isReady {
            return BusError(.notConnected, "not connected to the bus at \(self.configuration.endpoint)")
        }
        if request.target.utf8.count > WireLimits.targetSize {
            return BusError(.invalidRequest, "the target is longer than \(WireLimits.targetSize) bytes")
        }
        return self.excess(of: request.body, request.metadata).map { BusError(.invalidRequest, $0) }
    }

    /// What is too long for the bus, in words.
    private func excess(of body: Payload, _ metadata: Payload?) -> String? {
        let bodySizeMax = self.session.welcome?.bodySizeMax ?? self.configuration.bodySizeMax
        if body.count > bodySizeMax {
            return "the body has \(body.count) bytes, the bus takes at most \(bodySizeMax)"
        }
        if let metadata, metadata.count > WireLimits.metadataSize {
            return "the metadata has \(metadata.count) bytes, the bus takes at most \(WireLimits.metadataSize)"
        }
        return nil
    }

    func expireCalls(at now: MonotonicTime) {
        for id in self.outbound.giveUp(at: now) {
            self.send(Envelope(Header(kind: .cancel, callID: id)), at: now)
        }
        for id in self.outbound.expire(upTo: now) {
            self.statistics.timeouts += 1
            self.send(Envelope(Header(kind: .cancel, callID: id)), at: now)
        }
        self.inbound.expire(upTo: now)
    }
}

// MARK: - Messages about calls

extension PeerSocket {
    func deliver(_ envelope: Envelope, at now: MonotonicTime) {
        let header = envelope.header
        switch header.kind {
        case .reply:
            if !self.outbound.finish(envelope) { self.statistics.lateReplies += 1 }
        case .cancel:
            self.inbound.cancel(header.callID)
        case .call:
            self.accept(envelope, at: now)
        default:
            break
        }
    }

    private func accept(_ envelope: Envelope, at now: MonotonicTime) {
        let header = envelope.header
        guard header.budgetMilliseconds > 0 else {
            let fault = BusFault(.badRequest, "a call needs a budget of at least 1 ms")
            return self.send(.reply(BusReply(fault: fault), to: header.callID), at: now)
        }
        guard !self.attendants.areDismissed else {
            let fault = BusFault(.overloaded, "this peer is about to end", isRetryable: true)
            return self.send(.reply(BusReply(fault: fault), to: header.callID), at: now)
        }
        let budget = min(header.budgetMilliseconds, WireLimits.budgetMilliseconds)
        let deadline = now.adding(milliseconds: budget)
        guard let handle = self.inbound.begin(header.callID, deadline: deadline, now: now) else {
            let fault = BusFault(
                .overloaded,
                "\(self.inbound.workCount) calls are being worked on",
                isRetryable: true
            )
            return self.send(.reply(BusReply(fault: fault), to: header.callID), at: now)
        }
        self.attendants.give(
            PeerAssignment(
                call: InboundCall(
                    target: header.target,
                    flags: header.flags,
                    budget: .milliseconds(Int64(budget)),
                    epoch: header.epoch,
                    metadata: envelope.metadata,
                    body: envelope.body
                ),
                handle: handle
            )
        )
    }
}

// MARK: - Calls of others, on the loop's thread

extension PeerSocket {
    /// Makes known who works on a call; `false` when nobody waits for it any more, and then the work has ended.
    func attach(_ attendant: Attendant, to handle: UInt64) -> Bool {
        self.preconditionOnLoop()
        if self.inbound.attach(attendant, to: handle) { return true }
        _ = self.inbound.finish(handle)
        return false
    }

    /// Ends the work on a call and sends its reply, if anybody waits for it.
    func reply(_ reply: BusReply, to handle: UInt64) {
        self.preconditionOnLoop()
        guard let callID = self.inbound.finish(handle) else { return }
        if let fault = self.misfit(of: reply) {
            return self.send(.reply(BusReply(fault: fault), to: callID), at: .now())
        }
        self.send(.reply(reply, to: callID), at: .now())
    }

    /// Why the bus does not take a reply: one that is too long would cost the connection, or be dropped where nobody sees it.
    private func misfit(of reply: BusReply) -> BusFault? {
        if let excess = self.excess(of: reply.body, reply.metadata) {
            return BusFault(.tooLarge, "of the reply, \(excess)")
        }
        guard reply.target.utf8.count <= WireLimits.targetSize else {
            return BusFault(.internal, "the reply's target is longer than \(WireLimits.targetSize) bytes")
        }
        return nil
    }
}

extension Envelope {
    fileprivate static func reply(_ reply: BusReply, to callID: UInt64) -> Envelope {
        let header = Header(
            kind: .reply,
            flags: MessageFlags(reply.status),
            callID: callID,
            epoch: reply.epoch,
            target: reply.target
        )
        return Envelope(header, metadata: reply.metadata, body: reply.body)
    }
}

extension BusRequest {
    /// The budget for the wire: at least 1 ms, at most what the protocol allows.
    fileprivate var budgetMilliseconds: UInt32 {
        // Compared first: dividing 128 bits costs more than all else that a call's header needs.
        let longest = WireLimits.budgetMilliseconds
        guard self.budget < .milliseconds(Int64(longest)) else { return longest }
        return UInt32(clamping: max(1, self.budget.attoseconds / 1_000_000_000_000_000))
    }
}
