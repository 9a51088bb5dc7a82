internal import Logging
internal import WireProtocol
internal import ZeroMQ

/// A DEALER socket on the poll loop's thread, with everything that belongs to it: the session, the calls in flight both ways, and what
/// could not be sent yet.
///
/// `@unchecked Sendable` because tasks hold on to it, but every method is called on the loop's thread: those that
/// others call check it.
final class PeerSocket: PollLoopResident, @unchecked Sendable {
    /// What the peer has to work on, as a task of its own.
    enum Work {
        case build(Welcome, session: Int)
        case start(Registered, session: Int)
        case refuse(Refusal)
        case serve(InboundCall, callID: UInt64, session: Int)
    }

    /// How many messages are received before the others on the loop have their turn.
    private static let batch = 256
    /// How many messages wait when libzmq takes no more.
    private static let backlogMax = 16_384

    let loop: PollLoop
    private let configuration: BusConnectionConfiguration
    private let context: Context
    private let delegate: any BusConnectionDelegate
    private let logger: Logger
    private var session: PeerSession
    private var link: PeerLink?
    private var reader: EnvelopeReader
    private var backoff = Backoff()
    private var reopenAt: MonotonicTime?
    private var outbound: OutboundCalls
    private var inbound: InboundCalls
    private var backlog: [Envelope] = []
    private var inbox = PeerInbox<Work>()
    private var isDraining = false
    private(set) var statistics = BusConnectionStatistics()

    init(
        configuration: BusConnectionConfiguration,
        hello: Hello,
        loop: PollLoop,
        context: Context,
        delegate: any BusConnectionDelegate,
        logger: Logger
    ) {
        self.configuration = configuration
        self.loop = loop
        self.context = context
        self.delegate = delegate
        self.logger = logger
        self.session = PeerSession(hello: hello)
        self.reader = EnvelopeReader(kind: .dealer, bodySizeMax: configuration.bodySizeMax)
        self.outbound = OutboundCalls(countMax: configuration.callsMax)
        self.inbound = InboundCalls(countMax: configuration.callsMax)
    }

    /// Opens the socket.
    ///
    /// - Throws: ``ZeroMQError`` when the endpoint makes no sense.
    func open() throws(ZeroMQError) {
        self.link = try PeerLink(configuration: self.configuration, context: self.context)
    }

    // MARK: Turns

    func turn() -> Bool {
        let now = MonotonicTime.now()
        do throws(ZeroMQError) {
            try self.reopenIfDue(at: now)
            guard let link = self.link else { return false }
            try self.readMonitor(of: link, at: now)
            self.expire(at: now)
            self.flush(over: link, at: now)
            return try self.readMessages(from: link, at: now)
        } catch {
            self.logger.error("bus socket failed", metadata: ["error": "\(error)"])
            self.perform(self.session.disconnected(), at: now)
            self.scheduleReopening(at: now)
            return false
        }
    }

    private func readMonitor(of link: PeerLink, at now: MonotonicTime) throws(ZeroMQError) {
        while let event = try link.monitor.next() {
            switch event.kind {
            case .handshakeSucceeded: self.perform(self.session.connected(at: now), at: now)
            case .disconnected: self.perform(self.session.disconnected(), at: now)
            default: break
            }
        }
    }

    private func expire(at now: MonotonicTime) {
        self.perform(self.session.advance(to: now), at: now)
        for id in self.outbound.expire(upTo: now) {
            self.statistics.timeouts += 1
            self.send(Envelope(Header(kind: .cancel, callID: id)), at: now)
        }
        self.inbound.expire(upTo: now)
    }

    private func readMessages(from link: PeerLink, at now: MonotonicTime) throws(ZeroMQError) -> Bool {
        for _ in 0..<Self.batch {
            switch try self.reader.next(from: link.socket) {
            case .nothing, .stranger:
                return false
            case .envelope(let envelope, _):
                self.receive(envelope, at: now)
            case .malformed(let error, _):
                self.noteMalformed(error)
            }
        }
        return true
    }

    func prepareToWait(_ wait: inout PollWait) {
        let now = MonotonicTime.now()
        if let link = self.link {
            wait.add(link.socket, self.backlog.isEmpty ? .readable : [.readable, .writable])
            wait.add(link.monitor)
        }
        let deadlines = [
            self.session.nextDeadline, self.outbound.nextDeadline, self.inbound.nextDeadline, self.reopenAt,
        ]
        for case let deadline? in deadlines {
            wait.wake(within: deadline.since(now))
        }
    }

    func loopWillStop() {
        self.close(Farewell(reason: .shutdown))
    }

    // MARK: The session

    /// The hot path: a call or a reply goes past the session's actions.
    private func receive(_ envelope: Envelope, at now: MonotonicTime) {
        self.perform(self.session.receive(envelope, at: now), at: now)
    }

    private func perform(_ actions: [PeerSession.Action], at now: MonotonicTime) {
        for action in actions {
            switch action {
            case .send(let envelope): self.send(envelope, at: now)
            case .reconnect: self.scheduleReopening(at: now)
            case .dropCalls: self.dropCalls()
            case .becameReady:
                self.backoff.reset()
                self.delegate.reachabilityChanged(isReady: true)
            case .build(let welcome): self.give(.build(welcome, session: self.session.number))
            case .start(let registered): self.give(.start(registered, session: self.session.number))
            case .refuse(let refusal): self.give(.refuse(refusal))
            case .updateTable(let table): self.delegate.tableChanged(table)
            case .deliver(let envelope): self.deliver(envelope, at: now)
            case .malformed(let error): self.noteMalformed(error)
            }
        }
    }

    private func noteMalformed(_ error: WireError) {
        self.statistics.malformed += 1
        self.logger.debug("malformed message dropped", metadata: ["error": "\(error)"])
    }

    private func dropCalls() {
        self.backlog.removeAll()
        self.outbound.failAll(BusError(.lost, "the connection to the bus went away with the call"))
        self.inbound.cancelAll()
        self.delegate.reachabilityChanged(isReady: false)
    }

    private func scheduleReopening(at now: MonotonicTime) {
        self.link = nil
        self.reopenAt = now + self.backoff.next()
    }

    private func reopenIfDue(at now: MonotonicTime) throws(ZeroMQError) {
        guard let due = self.reopenAt, now >= due else { return }
        self.reopenAt = nil
        try self.open()
    }

    // MARK: Sending

    private func send(_ envelope: Envelope, at now: MonotonicTime) {
        guard let link = self.link else { return }
        guard self.backlog.isEmpty, self.transmit(envelope, over: link) else { return self.keep(envelope) }
        self.session.sent(at: now)
    }

    private func flush(over link: PeerLink, at now: MonotonicTime) {
        guard !self.backlog.isEmpty else { return }
        var sent = 0
        while sent < self.backlog.count, self.transmit(self.backlog[sent], over: link) {
            sent += 1
        }
        guard sent > 0 else { return }
        self.backlog.removeFirst(sent)
        self.session.sent(at: now)
    }

    /// Hands a message to libzmq; `false` when it takes none now.
    private func transmit(_ envelope: Envelope, over link: PeerLink) -> Bool {
        do throws(ZeroMQError) {
            return try EnvelopeWriter.send(envelope, to: nil, over: link.socket) != .congested
        } catch {
            self.logger.debug("message not sent", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func keep(_ envelope: Envelope) {
        guard self.backlog.count < Self.backlogMax else {
            self.statistics.droppedMessages += 1
            if envelope.header.kind == .call {
                _ = self.outbound.fail(envelope.header.callID, BusError(.overloaded, "the bus takes no more messages"))
            }
            return
        }
        self.backlog.append(envelope)
    }

    // MARK: Calls

    private func deliver(_ envelope: Envelope, at now: MonotonicTime) {
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
        let deadline = now.adding(milliseconds: header.budgetMilliseconds)
        guard self.inbound.begin(header.callID, deadline: deadline, now: now) else {
            let fault = BusFault(.overloaded, "\(self.inbound.count) calls are being worked on", isRetryable: true)
            return self.send(.reply(BusReply(fault: fault), to: header.callID), at: now)
        }
        let call = InboundCall(
            target: header.target,
            flags: header.flags,
            budget: .milliseconds(Int64(header.budgetMilliseconds)),
            epoch: header.epoch,
            metadata: envelope.metadata,
            body: envelope.body
        )
        self.give(.serve(call, callID: header.callID, session: self.session.number))
    }

    private func give(_ work: Work) {
        self.inbox.append(work)
    }

    /// The next work, as soon as there is some; empty when there will be none any more.
    func nextWork() async -> [Work] {
        while true {
            if let work = self.inbox.take() { return work }
            // The continuation is kept at once, on this thread: nothing can be given in between.
            await withCheckedContinuation { self.inbox.wait($0) }
        }
    }

    /// No more work is handed out.
    func finishWork() {
        self.loop.checkIsolated()
        self.inbox.finish()
    }
}

// MARK: - What tasks call, on the loop's thread

extension PeerSocket {
    /// Whether calls can be made.
    var isReady: Bool { self.session.isReady }

    func begin(_ request: BusRequest, _ ticket: CallTicket, _ waiter: OutboundCalls.Waiter) {
        self.loop.checkIsolated()
        if let error = self.refusal(of: request, ticket) { return waiter.resume(returning: .failure(error)) }
        let now = MonotonicTime.now()
        guard let id = self.outbound.begin(waiter, deadline: now + request.budget, now: now) else {
            let error = BusError(.overloaded, "\(self.outbound.count) calls are in flight already")
            return waiter.resume(returning: .failure(error))
        }
        ticket.id = id
        let header = Header(
            kind: .call,
            flags: request.flags,
            budgetMilliseconds: request.budgetMilliseconds,
            callID: id,
            target: request.target
        )
        self.send(Envelope(header, metadata: request.metadata, body: request.body), at: now)
    }

    private func refusal(of request: BusRequest, _ ticket: CallTicket) -> BusError? {
        if ticket.isCancelled { return BusError(.cancelled, "the call was cancelled before it began") }
        if self.session.state == .stopped { return BusError(.stopped, "the connection has been stopped") }
        if !self.session.isReady {
            return BusError(.notConnected, "not connected to the bus at \(self.configuration.endpoint)")
        }
        if request.target.utf8.count > WireLimits.targetSize {
            return BusError(.invalidRequest, "the target is longer than \(WireLimits.targetSize) bytes")
        }
        let bodySizeMax = self.session.welcome?.bodySizeMax ?? self.configuration.bodySizeMax
        guard request.body.count <= bodySizeMax else {
            return BusError(
                .invalidRequest,
                "the body has \(request.body.count) bytes, the bus takes at most \(bodySizeMax)"
            )
        }
        if let metadata = request.metadata, metadata.count > WireLimits.metadataSize {
            return BusError(.invalidRequest, "the metadata is longer than \(WireLimits.metadataSize) bytes")
        }
        return nil
    }

    func cancel(_ ticket: CallTicket) {
        self.loop.checkIsolated()
        guard let id = ticket.id else {
            ticket.isCancelled = true
            return
        }
        guard self.outbound.fail(id, BusError(.cancelled, "the caller gave up")) else { return }
        self.send(Envelope(Header(kind: .cancel, callID: id)), at: .now())
    }

    /// Makes the task known that works on a call; `false` when nobody waits for it any more.
    func attach(_ task: UnsafeCurrentTask, to callID: UInt64, session: Int) -> Bool {
        self.loop.checkIsolated()
        return session == self.session.number && self.inbound.attach(task, to: callID)
    }

    func reply(_ reply: BusReply, to callID: UInt64, session: Int) {
        self.loop.checkIsolated()
        guard session == self.session.number, self.inbound.finish(callID) else { return }
        self.send(.reply(reply, to: callID), at: .now())
        self.finishDraining()
    }

    func register(_ manifest: Manifest, inSession number: Int) {
        self.loop.checkIsolated()
        self.perform(self.session.register(manifest, inSession: number), at: .now())
    }

    func becomeReady(inSession number: Int) {
        self.loop.checkIsolated()
        self.perform(self.session.ready(inSession: number), at: .now())
    }

    /// Takes no new calls; the work ends when those in flight are answered.
    func drain() {
        self.loop.checkIsolated()
        self.perform(self.session.drain(), at: .now())
        self.isDraining = true
        self.finishDraining()
    }

    private func finishDraining() {
        guard self.isDraining, self.inbound.count == 0 else { return }
        self.inbox.finish()
    }

    /// Says goodbye and lets everybody who waits know.
    func close(_ farewell: Farewell) {
        self.perform(self.session.stop(farewell), at: .now())
        self.outbound.failAll(BusError(.stopped, "the connection has been stopped"))
        self.inbound.cancelAll()
        self.inbox.finish()
        self.link = nil
        self.reopenAt = nil
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
        let (seconds, attoseconds) = self.budget.components
        let milliseconds = min(max(0, seconds), 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000
        return UInt32(clamping: max(1, min(milliseconds, Int64(WireLimits.budgetMilliseconds))))
    }
}
