internal import Logging
internal import WireProtocol
internal import ZeroMQ

/// A ROUTER socket on the poll loop's thread: it feeds a core and does what the core wants.
final class RouterSocket<Core: RouterCore>: PollLoopResident {
    /// How many messages are received before the others on the loop have their turn.
    private static var batch: Int { 256 }
    /// How many messages are read before the core gets them, and its answers are sent.
    ///
    /// libzmq's own thread writes what it finds: sent in bursts, many messages share one wake-up and one system call. Where a round
    /// has lately found ``muchToRead``, everybody has enough to do and waits for nobody's first message: then bursts are longer. And what
    /// reads, what decides and what sends do not fit into a processor's instruction cache together: each fetches its code once a burst.
    private static var burst: Int { 32 }
    private static var longBurst: Int { 128 }
    private static var muchToRead: Int { 128 }

    private let socket: Socket
    private let monitor: MonitorSocket
    // exclusivity(unchecked) for what each message goes through: values that call nobody while they change.
    @exclusivity(unchecked) private var reader: EnvelopeReader
    /// Headers that have been read, for those that leave.
    @exclusivity(unchecked) private var heads = SpareFrames()
    /// What was read and the core has not got.
    @exclusivity(unchecked) private var arrivals: [EnvelopeReader.Incoming] = []
    @exclusivity(unchecked) private var actions: [RouterAction] = []
    /// Memory for more of them, empty between two calls.
    @exclusivity(unchecked) private var spareActions: [RouterAction] = []
    @exclusivity(unchecked) private var packs = OutgoingPacks()
    @exclusivity(unchecked) private var lost = LostConnections()
    private let clock: () -> MonotonicTime
    private let logger: Logger
    @exclusivity(unchecked) private var isClosed = false
    @exclusivity(unchecked) private var newsPatience = NewsPatience()
    /// The most messages that a round has read lately, which fades with each that reads less.
    @exclusivity(unchecked) private var recentMost = 0
    /// Ends with an error when the socket does and nobody asked for it: ``ZeroMQError`` when it failed, ``PollLoopError`` when its loop
    /// ended under it.
    let (end, endSink) = AsyncThrowingStream<Never, any Error>.makeStream()
    // Last, for its size is not known here: where a field behind it lies would have to be computed at run time.
    @exclusivity(unchecked) private var core: Core

    init(
        core: Core,
        configuration: RouterConfiguration,
        context: Context,
        logger: Logger
    ) throws(ZeroMQError) {
        var options = SocketOptions()
        options.routerMandatory = true
        options.linger = SocketThread.linger
        options.maximumMessageSize = FrameSize.max(bodySizeMax: configuration.bodySizeMax, isPeer: false)
        options.sendHighWaterMark = configuration.messagesMax
        options.receiveHighWaterMark = configuration.messagesMax
        let socket = try Socket(.router, in: context, options: options)
        self.monitor = try socket.monitor()
        for endpoint in configuration.endpoints {
            try socket.bind(to: endpoint)
        }
        self.socket = socket
        self.core = core
        self.reader = EnvelopeReader(kind: .router, bodySizeMax: configuration.bodySizeMax)
        self.clock = MonotonicTime.now
        self.logger = logger
    }

    func turn() -> Bool {
        guard !self.isClosed else { return false }
        do throws(ZeroMQError) {
            return try self.serve(at: self.clock())
        } catch {
            // There is nothing left to serve, and whoever runs this must not believe that there is.
            self.logger.error("bus socket failed", metadata: ["error": "\(error)"])
            self.isClosed = true
            self.endSink.finish(throwing: error)
            return false
        }
    }

    private func serve(at now: MonotonicTime) throws(ZeroMQError) -> Bool {
        self.core.advance(to: now, into: &self.actions)
        try self.perform(at: now)
        let lostCount = self.lost.count
        let burst = self.recentMost >= Self.muchToRead ? Self.longBurst : Self.burst
        var count = 0
        var isDrained = false
        while count < Self.batch, !isDrained {
            isDrained = try !self.read(burst)
            count += self.arrivals.count
            try self.handOver(at: now)
            try self.perform(at: now)
        }
        if self.newsPatience.isOver(at: now, whileReading: count > 0) { try self.readMonitor(at: now) }
        self.newsPatience.hasRead = count > 0
        if count > 0 { self.recentMost = max(count, self.recentMost * 15 / 16) }
        try self.tellLost(lostCount, isDrained: isDrained, at: now)
        return count > 0 || !self.lost.isEmpty
    }

    private func tellLost(_ count: Int, isDrained: Bool, at now: MonotonicTime) throws(ZeroMQError) {
        guard !self.lost.isEmpty else { return }
        for (header, peer) in self.lost.take(count, isDrained: isDrained, at: now) {
            self.core.sendFailed(header, to: peer, reason: .unreachable, at: now, into: &self.actions)
        }
        try self.perform(at: now)
    }

    /// Reads up to `count` messages; `false` when there are fewer.
    private func read(_ count: Int) throws(ZeroMQError) -> Bool {
        for _ in 0..<count {
            let arrival = try self.reader.next(from: self.socket, sparing: &self.heads)
            if case .nothing = arrival { return false }
            self.arrivals.append(arrival)
        }
        return true
    }

    /// Gives the core what was read.
    private func handOver(at now: MonotonicTime) throws(ZeroMQError) {
        for index in self.arrivals.indices { try self.handOver(self.arrivals.takeOut(index), at: now) }
        self.arrivals.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private func handOver(_ arrival: consuming EnvelopeReader.Incoming, at now: MonotonicTime) throws(ZeroMQError) {
        switch consume arrival {
        case .envelope(let envelope, let peer):
            guard let peer else { break }
            // Nothing more is sent to it that would show that it is gone.
            if envelope.header.kind == .bye { try self.settle(peer, readsPacks: false, at: now) }
            self.core.receive(envelope, from: peer, at: now, into: &self.actions)
        case .malformed(let error, let peer):
            guard let peer else { break }
            self.core.receiveMalformed(error, from: peer, at: now, into: &self.actions)
        case .stranger:
            self.logger.debug("message from a connection with a routing id of its own dropped")
        case .excess, .nothing:
            break
        }
    }

    private func readMonitor(at now: MonotonicTime) throws(ZeroMQError) {
        var hasLost = false
        while let event = try self.monitor.next() {
            if event.kind == .disconnected { hasLost = true }
        }
        guard hasLost else { return }
        self.core.connectionsChanged(at: now, into: &self.actions)
        try self.perform(at: now)
    }

    /// Does what the core wants, and what it wants when that fails.
    private func perform(at now: MonotonicTime) throws(ZeroMQError) {
        var underWay: [RouterAction] = []
        swap(&underWay, &self.spareActions)
        defer {
            underWay.removeAll(keepingCapacity: true)
            swap(&underWay, &self.spareActions)
        }
        while !self.actions.isEmpty {
            swap(&underWay, &self.actions)
            for index in underWay.indices { try self.perform(underWay.takeOut(index), at: now) }
            underWay.removeAll(keepingCapacity: true)
            // What does not leave becomes another action.
            try self.sendPacks(at: now)
        }
    }

    private func perform(_ action: consuming RouterAction, at now: MonotonicTime) throws(ZeroMQError) {
        switch consume action {
        case .log(let level, let message, let metadata):
            self.logger.log(level: level, message, metadata: metadata)
        case .send(var envelope, let peer):
            try self.send(&envelope, to: peer, at: now)
        case .nothing:
            break
        }
    }

    private func send(_ envelope: inout Envelope, to peer: PeerID, at now: MonotonicTime) throws(ZeroMQError) {
        if try self.pack(envelope, for: peer, at: now) { return }
        if envelope.header.kind == .welcome {
            try self.settle(peer, readsPacks: envelope.header.flags.contains(.packs), at: now)
        }
        let outcome = try EnvelopeWriter.send(&envelope, to: peer, over: self.socket, reusing: &self.heads)
        if outcome != .sent { try self.note(outcome, envelope.header, to: peer, at: now) }
    }

    /// Puts a message into the pack of its connection; `false` when it has to travel alone, and then all that was packed before it has left.
    private func pack(_ envelope: Envelope, for peer: PeerID, at now: MonotonicTime) throws(ZeroMQError) -> Bool {
        guard var place = self.packs.place(of: peer) else { return false }
        guard let size = Pack.size(of: envelope) else {
            try self.sendPack(of: place, at: now)
            return false
        }
        if !self.packs.hasRoom(for: size, at: place) {
            if self.packs.isOpen(place) { try self.sendPack(of: place, at: now) } else { try self.sendPacks(at: now) }
            // Whoever was found to be gone meanwhile has no place any more.
            guard let found = self.packs.place(of: peer) else { return false }
            place = found
        }
        self.packs.add(envelope, of: size, for: peer, at: place)
        return true
    }

    private func settle(_ peer: PeerID, readsPacks: Bool, at now: MonotonicTime) throws(ZeroMQError) {
        try self.sendPacks(at: now)
        self.packs.settle(peer, readsPacks: readsPacks)
    }

    private func sendPacks(at now: MonotonicTime) throws(ZeroMQError) {
        guard self.packs.count > 0 else { return }
        let filled = self.packs.filled
        self.packs.closeAll()
        for pack in filled { try self.transmit(pack, at: now) }
    }

    private func sendPack(of place: Int, at now: MonotonicTime) throws(ZeroMQError) {
        guard let pack = self.packs.pack(at: place) else { return }
        self.packs.close(place)
        try self.transmit(pack, at: now)
    }

    private func transmit(_ pack: OutgoingPacks.Filling, at now: MonotonicTime) throws(ZeroMQError) {
        let outcome = try EnvelopeWriter.sendPack(of: pack.messages.size, to: pack.peer, over: self.socket) {
            pack.messages.write(to: $0)
        }
        guard outcome != .sent else { return }
        for header in pack.messages.envelopes.map(\.header) { try self.note(outcome, header, to: pack.peer, at: now) }
    }

    /// Tells the core of a message that did not leave.
    private func note(
        _ outcome: EnvelopeWriter.Outcome,
        _ header: Header,
        to peer: PeerID,
        at now: MonotonicTime
    ) throws(ZeroMQError) {
        guard outcome == .unreachable else {
            return self.core.sendFailed(header, to: peer, reason: .congested, at: now, into: &self.actions)
        }
        self.lost.append(header, to: peer, at: now)
        if self.packs.place(of: peer) != nil { try self.settle(peer, readsPacks: false, at: now) }
    }

    func prepareToWait(_ wait: inout PollWait) {
        guard !self.isClosed else { return }
        wait.add(self.socket, .readable)
        wait.add(self.monitor)
        if let deadline = self.core.nextDeadline {
            wait.wake(within: deadline.since(self.clock()))
        }
    }

    func loopWillStop() {
        self.stop()
        self.endSink.finish(throwing: PollLoopError.stopped(label: "of the bus"))
    }

    /// Lets the core say goodbye.
    func stop() {
        guard !self.isClosed else { return }
        let now = self.clock()
        self.core.stop(at: now, into: &self.actions)
        do throws(ZeroMQError) {
            try self.perform(at: now)
        } catch {
            self.logger.debug("goodbye was not sent", metadata: ["error": "\(error)"])
        }
        self.isClosed = true
        // Now, not only when the last reference goes: the process waits at its end for every socket.
        self.socket.close()
    }
}

/// What a list may hold where something was taken out of it.
private protocol Absent {
    static var nothing: Self { get }
}

extension RouterAction: Absent {}
extension EnvelopeReader.Incoming: Absent {}

extension Array where Element: Absent {
    /// Moves an element out of its place, which is of no use then: what it holds is copied otherwise, and counted in and out.
    @inline(__always)
    fileprivate mutating func takeOut(_ index: Int) -> Element {
        var element = Element.nothing
        swap(&element, &self[index])
        return element
    }
}
