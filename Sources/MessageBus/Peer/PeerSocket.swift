internal import Logging
internal import WireProtocol
internal import ZeroMQ

/// A peer's connection on the poll loop's thread: the link to the dispatcher, the session on it, and the calls in flight both ways.
///
/// `@unchecked Sendable` because tasks hold on to it, but every method is called on the loop's thread: those that
/// others call check it.
final class PeerSocket: PollLoopResident, @unchecked Sendable {
    /// How many messages are received before the others on the loop have their turn.
    private static let batch = 256

    let loop: PollLoop
    let configuration: BusConnectionConfiguration
    private let context: Context
    private let delegate: any BusConnectionDelegate
    private let logger: Logger
    // exclusivity(unchecked) for what each message goes through: values that call nobody while they change, and a link that is
    // only ever exchanged as a whole.
    @exclusivity(unchecked) private(set) var session: PeerSession
    @exclusivity(unchecked) private var link: PeerLink?
    private var backoff = Backoff()
    private var reopenAt: MonotonicTime?
    /// The calls this process has made.
    @exclusivity(unchecked) var outbound: OutboundCalls
    /// The calls this process was asked to answer.
    @exclusivity(unchecked) var inbound: InboundCalls
    /// The steps that the delegate has to take, one after the other.
    let steps = PeerInbox<PeerStep>()
    /// The calls to answer, and the tasks that do.
    let attendants = Attendants()
    private var newsPatience = NewsPatience()
    private var isDraining = false
    /// Whether the loop ended before the socket was closed.
    private(set) var hasLostLoop = false
    var statistics = BusConnectionStatistics()

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
        self.outbound = OutboundCalls(countMax: configuration.callsMax)
        self.inbound = InboundCalls(countMax: configuration.callsMax)
    }

    /// Opens the socket.
    ///
    /// - Throws: ``ZeroMQError`` when the endpoint makes no sense.
    func open() throws(ZeroMQError) {
        self.link = try PeerLink(configuration: self.configuration, context: self.context)
    }

    /// Stops the process when a caller is on another thread, for a socket shared by two would corrupt memory.
    ///
    /// In this file, which imports the loop: elsewhere `checkIsolated` would quietly be the standard library's own.
    func preconditionOnLoop() {
        self.loop.checkIsolated()
    }

    /// Whether calls can be made.
    var isReady: Bool { self.session.isReady }

    // MARK: Turns

    func turn() -> Bool {
        let now = MonotonicTime.now()
        defer { self.finishDraining() }
        do throws(ZeroMQError) {
            try self.reopenIfDue(at: now)
            guard let link = self.link else { return false }
            if self.newsPatience.isOver(at: now, whileReading: false) { try self.readMonitor(of: link, at: now) }
            self.expire(at: now)
            try self.flush(at: now)
            return try self.readMessages(at: now)
        } catch {
            self.fail(error, at: now)
            return false
        }
    }

    private func readMonitor(of link: PeerLink, at now: MonotonicTime) throws(ZeroMQError) {
        while let event = try link.nextEvent() {
            switch event.kind {
            case .handshakeSucceeded: self.perform(self.session.connected(at: now), at: now)
            case .disconnected: self.perform(self.session.disconnected(), at: now)
            default: break
            }
        }
    }

    private func expire(at now: MonotonicTime) {
        self.perform(self.session.advance(to: now), at: now)
        self.expireCalls(at: now)
    }

    private func flush(at now: MonotonicTime) throws(ZeroMQError) {
        guard let link = self.link, !link.hasSentAll else { return }
        // A call whose caller has gone need not be made any more.
        let hasSent = try link.flush(at: now) { self.outbound.isWaited(for: $0) }
        if hasSent { self.session.sent(at: now) }
    }

    private func readMessages(at now: MonotonicTime) throws(ZeroMQError) -> Bool {
        self.newsPatience.hasRead = false
        for _ in 0..<Self.batch {
            // Asked for anew each time: what a message says may end the link.
            guard let link = self.link else { return false }
            switch try link.nextMessage() {
            case .nothing, .stranger:
                return false
            case .excess:
                break
            case .envelope(let envelope, _):
                self.newsPatience.hasRead = true
                self.receive(envelope, at: now)
            case .malformed(let error, _):
                self.noteMalformed(error)
            }
        }
        return true
    }

    func prepareToWait(_ wait: inout PollWait) {
        let now = MonotonicTime.now()
        self.link?.prepareToWait(&wait)
        let deadlines = [
            self.session.nextDeadline, self.outbound.nextDeadline, self.inbound.nextDeadline, self.reopenAt,
        ]
        for case let deadline? in deadlines {
            wait.wake(within: deadline.since(now))
        }
    }

    func loopWillStop() {
        self.hasLostLoop = true
        self.close(Farewell(reason: .shutdown))
    }
}

// MARK: - The session

extension PeerSocket {
    private func receive(_ envelope: Envelope, at now: MonotonicTime) {
        switch envelope.header.kind {
        case .call, .reply, .cancel:
            if self.session.admitCall(at: now) { return self.deliver(envelope, at: now) }
        default:
            break
        }
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
            case .build(let welcome): self.give(.build(welcome))
            case .start(let registered): self.give(.start(registered))
            case .refuse(let refusal): self.give(.refuse(refusal))
            case .updateTable(let table): self.delegate.tableChanged(table)
            case .push(let envelope): self.delegate.invalidated(envelope)
            case .malformed(let error): self.noteMalformed(error)
            }
        }
    }

    private func give(_ kind: PeerStep.Kind) {
        self.steps.append(PeerStep(kind: kind, session: self.session.number))
    }

    private func noteMalformed(_ error: WireError) {
        self.statistics.malformed += 1
        self.logger.debug("malformed message dropped", metadata: ["error": "\(error)"])
    }

    private func dropCalls() {
        self.link?.forgetBacklog()
        self.outbound.failAll(BusError(.lost, "the connection to the bus went away with the call"))
        self.inbound.cancelAll()
        self.delegate.reachabilityChanged(isReady: false)
    }

    // MARK: The link

    private func fail(_ error: ZeroMQError, at now: MonotonicTime) {
        self.logger.error("bus socket failed", metadata: ["error": "\(error)"])
        self.perform(self.session.disconnected(), at: now)
        self.scheduleReopening(at: now)
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

    /// Sends a message: what is about a call together with those that follow at once, anything else right away.
    ///
    /// Each message that finds libzmq's thread asleep wakes it, which costs more than the rest of the way; a burst wakes it once. The
    /// turn that follows sends what has no company.
    func send(_ envelope: Envelope, at now: MonotonicTime) {
        guard let link = self.link else { return }
        guard link.keep(envelope, at: now, readsPacks: self.session.readsPacks) else {
            return self.noteDropped(envelope.header)
        }
        let callCount = self.outbound.count + self.inbound.count
        guard !envelope.header.kind.mayWait || link.hasBurst(at: now, among: callCount) else { return }
        self.flushNow(at: now)
    }

    private func flushNow(at now: MonotonicTime) {
        do throws(ZeroMQError) {
            try self.flush(at: now)
        } catch {
            // Receiving meets the same error in this turn or the next, and deals with it.
            self.logger.debug("messages not sent", metadata: ["error": "\(error)"])
        }
    }

    private func noteDropped(_ header: Header) {
        self.statistics.droppedMessages += 1
        if header.kind == .reply {
            // Its caller only sees that nothing came in time; that it was answered is to be read here.
            self.logger.warning("reply dropped: the bus takes no more", metadata: ["call.id": "\(header.callID)"])
        }
        guard header.kind == .call else { return }
        _ = self.outbound.fail(header.callID, BusError(.overloaded, "the bus takes no more messages"))
    }

    // MARK: The module's steps, on the loop's thread

    /// Whether a step still belongs to the connection there is.
    func isCurrent(_ step: PeerStep) -> Bool {
        self.preconditionOnLoop()
        return step.session == self.session.number
    }

    func register(_ manifest: Manifest, inSession number: Int) {
        self.preconditionOnLoop()
        let now = MonotonicTime.now()
        self.perform(self.session.register(manifest, inSession: number, at: now), at: now)
    }

    func becomeReady(inSession number: Int) {
        self.preconditionOnLoop()
        self.perform(self.session.ready(inSession: number), at: .now())
    }

    func announce(_ readiness: Readiness) {
        self.preconditionOnLoop()
        self.perform(self.session.announce(readiness), at: .now())
    }

    // MARK: The end, on the loop's thread

    /// No more work is handed out.
    func finishWork() {
        self.preconditionOnLoop()
        self.steps.finish()
        self.attendants.dismiss()
    }

    /// Takes no new calls; the work ends when those in flight are answered.
    func drain() {
        self.preconditionOnLoop()
        self.perform(self.session.drain(), at: .now())
        self.isDraining = true
        self.finishDraining()
    }

    /// Ends the work when no call can come any more, and those that came are answered.
    private func finishDraining() {
        guard self.isDraining, self.session.state != .draining, self.inbound.count == 0 else { return }
        guard self.link?.hasSentAll ?? true else { return }
        self.isDraining = false
        self.finishWork()
    }

    /// Says goodbye and lets everybody who waits know.
    func close(_ farewell: Farewell) {
        self.preconditionOnLoop()
        // What was answered before leaves before the last word.
        self.flushNow(at: .now())
        self.perform(self.session.stop(farewell), at: .now())
        self.outbound.failAll(BusError(.stopped, "the connection has been stopped"))
        self.inbound.cancelAll()
        self.finishWork()
        self.link = nil
        self.reopenAt = nil
    }
}

extension MessageKind {
    /// Whether a message may wait a moment for company.
    fileprivate var mayWait: Bool {
        self == .call || self == .reply || self == .cancel
    }
}
