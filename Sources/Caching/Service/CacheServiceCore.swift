public import MessageBus
public import WireProtocol

/// The bounds of a cache service.
public struct CacheServiceLimits: Hashable, Sendable {
    /// The most memory that the entries take, in bytes.
    public var bytesMax = 256 << 20
    /// The longest value, in bytes.
    public var valueBytesMax = 4 << 20
    /// The most tags whose invalidations are remembered.
    public var tagsMax = 1 << 20
    /// The most invalidations that can be asked for again.
    public var replayMax = 8192
    /// The most calls that wait for the loads of others.
    public var waitersMax = 16_384
    /// The most loads at a time.
    public var leasesMax = 65_536
    /// How long a load is waited for before another caller may load.
    public var leaseTime = Duration.seconds(10)
    /// The most calls to invalidate that are remembered, so that a repeated one is not numbered again.
    public var writesMax = 65_536
    /// The most connections.
    public var peersMax = 4096
    /// The longest silence before a heartbeat, in milliseconds.
    public var heartbeatMilliseconds: UInt32 = 1000
    /// After how many silent double intervals a peer is lost.
    public var liveness: UInt32 = 3

    public init() {}
}

/// Everything that the cache service decides: what it keeps, who loads what is missing, and in which order invalidations happened.
///
/// `docs/wire-protocol.md` §12. The core numbers invalidations and never waits for anybody to see one: a peer that missed it finds
/// out from the next number or the next ping.
public struct CacheServiceCore: RouterCore, Sendable {
    let limits: CacheServiceLimits
    let incarnation: String
    let rules: CoherenceRules
    /// The time in office; every service that starts has a higher one.
    let epoch: UInt64
    /// The number of the newest invalidation.
    var head: UInt64 = 0

    var peers: [PeerID: CachePeer] = [:]
    var askedStrangers = AskedStrangers()
    var entries: LeastRecentlyUsed<SharedEntry>
    var ledger: InvalidationLedger
    /// The newest invalidations, without gaps, ending with ``head``.
    var ring = FirstInFirstOut<[String]>()
    var leases: LeaseTable
    var writes: RecentWrites
    var statistics = CacheServiceStatistics()
    var functions = CacheFunctionTallies()
    var nextSweep: MonotonicTime?

    /// - Parameters:
    ///   - epoch: The time in office, from ``CacheOffice``.
    ///   - incarnation: New at every start of the process.
    ///   - limits: The bounds.
    public init(epoch: UInt64, incarnation: String, limits: CacheServiceLimits = CacheServiceLimits()) {
        self.init(epoch: epoch, incarnation: incarnation, limits: limits, rules: .all)
    }

    package init(epoch: UInt64, incarnation: String, limits: CacheServiceLimits, rules: CoherenceRules) {
        self.epoch = epoch
        self.incarnation = incarnation
        self.limits = limits
        self.rules = rules
        self.entries = LeastRecentlyUsed(weightMax: limits.bytesMax)
        self.ledger = InvalidationLedger(tagsMax: limits.tagsMax)
        self.leases = LeaseTable(leftMax: limits.waitersMax)
        self.writes = RecentWrites(countMax: limits.writesMax)
    }

    // MARK: Messages

    public mutating func receive(
        _ envelope: Envelope,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard self.admits(envelope.header.kind, from: peer, at: now, into: &actions) else { return }
        switch envelope.header.kind {
        case .hello: self.hello(envelope, from: peer, at: now, into: &actions)
        case .ready: self.peers[peer]?.isReady = true
        case .ping: self.send(Header(kind: .pong, callID: envelope.header.callID), to: peer, at: now, into: &actions)
        case .call: self.call(envelope, from: peer, at: now, into: &actions)
        case .cancel: self.leases.removeWaiter(CallName(peer: peer, callID: envelope.header.callID))
        case .drain, .pong: break
        case .bye: self.forget(peer, at: now, into: &actions)
        default: self.malformed(peer, at: now, into: &actions)
        }
    }

    /// Answers one call.
    private mutating func call(
        _ envelope: Envelope,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let caller = CacheCaller(
            peer: peer,
            callID: envelope.header.callID,
            deadline: now.adding(milliseconds: envelope.header.budgetMilliseconds)
        )
        do throws(WireError) {
            try self.dispatch(envelope, from: caller, at: now, into: &actions)
        } catch {
            self.statistics.malformed += 1
            self.refuse(caller, BusFault(.badRequest, error.message), at: now, into: &actions)
        }
    }

    private mutating func dispatch(
        _ envelope: Envelope,
        from caller: CacheCaller,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) throws(WireError) {
        switch envelope.header.target {
        case CacheTarget.get:
            self.get(try CacheGet(decoding: envelope.body), for: caller, at: now, into: &actions)
        case CacheTarget.fill:
            let fill = try CacheFill(decoding: envelope.metadata ?? .empty)
            self.fill(fill, value: envelope.body, from: caller, at: now, into: &actions)
        case CacheTarget.release:
            self.release(try CacheRelease(decoding: envelope.body), from: caller, at: now, into: &actions)
        case CacheTarget.invalidate:
            self.invalidate(try CacheInvalidation(decoding: envelope.body), from: caller, at: now, into: &actions)
        case CacheTarget.ping:
            self.answer(caller, body: CacheHead(head: self.head).encoded(), at: now, into: &actions)
        case CacheTarget.replay:
            self.replay(try CacheReplay(decoding: envelope.body), for: caller, at: now, into: &actions)
        case CacheTarget.stats:
            self.answer(caller, body: self.report.encoded(), at: now, into: &actions)
        case CacheTarget.list:
            self.answer(caller, body: self.functions.report.encoded(), at: now, into: &actions)
        default:
            let fault = BusFault(.notFound, "'\(envelope.header.target)' is no target of the cache service")
            self.refuse(caller, fault, at: now, into: &actions)
        }
    }

    // MARK: Sending

    mutating func send(
        _ header: Header,
        metadata: Payload? = nil,
        body: Payload = .empty,
        to peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.peers[peer]?.liveness.sent(at: now)
        actions.append(.send(Envelope(header, metadata: metadata, body: body), to: peer))
    }

    mutating func answer(
        _ caller: CacheCaller,
        metadata: Payload? = nil,
        body: Payload,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let header = Header(
            kind: .reply,
            flags: MessageFlags(.answer),
            callID: caller.callID,
            epoch: self.epoch
        )
        self.send(header, metadata: metadata, body: body, to: caller.peer, at: now, into: &actions)
    }

    mutating func refuse(
        _ caller: CacheCaller,
        _ fault: BusFault,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let status: ReplyStatus = fault.code == .overloaded ? .overloaded : .error
        let header = Header(kind: .reply, flags: MessageFlags(status), callID: caller.callID, epoch: self.epoch)
        self.send(header, body: fault.encoded(), to: caller.peer, at: now, into: &actions)
    }
}
