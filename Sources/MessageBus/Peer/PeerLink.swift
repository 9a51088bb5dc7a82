internal import WireProtocol
internal import ZeroMQ

/// One DEALER socket, the watch over its connection, and the messages on their way to it; closes the socket when it is let go.
final class PeerLink {
    private let socket: Socket
    private let monitor: MonitorSocket
    // exclusivity(unchecked) for what each message goes through: values that call nobody while they change.
    @exclusivity(unchecked) private var reader: EnvelopeReader
    @exclusivity(unchecked) private var backlog: SendBacklog
    /// Headers that have been read, for those that leave.
    @exclusivity(unchecked) private var heads = SpareFrames()

    init(configuration: BusConnectionConfiguration, context: Context) throws(ZeroMQError) {
        var options = SocketOptions()
        // Messages for a connection that is not there would arrive on the next one, out of their time.
        options.immediate = true
        options.linger = configuration.linger
        options.maximumMessageSize = FrameSize.max(bodySizeMax: configuration.bodySizeMax, isPeer: true)
        options.sendHighWaterMark = configuration.messagesMax
        options.receiveHighWaterMark = configuration.messagesMax
        options.reconnectInterval = .milliseconds(20)
        options.maximumReconnectInterval = .milliseconds(500)
        self.socket = try Socket(.dealer, in: context, options: options)
        self.monitor = try self.socket.monitor()
        self.reader = EnvelopeReader(kind: .dealer, bodySizeMax: configuration.bodySizeMax)
        // A few of the largest bodies fit, and never more than the memory of a small machine.
        let (bytes, overflow) = configuration.bodySizeMax.multipliedReportingOverflow(by: 4)
        self.backlog = SendBacklog(countMax: configuration.messagesMax, byteCountMax: overflow ? .max : bytes)
        try self.socket.connect(to: configuration.endpoint)
    }

    /// Whether every message was handed to libzmq.
    var hasSentAll: Bool { self.backlog.isEmpty }

    // MARK: Receiving

    func nextEvent() throws(ZeroMQError) -> SocketEvent? {
        try self.monitor.next()
    }

    func nextMessage() throws(ZeroMQError) -> EnvelopeReader.Incoming {
        try self.reader.next(from: self.socket, sparing: &self.heads)
    }

    func prepareToWait(_ wait: inout PollWait) {
        wait.add(self.socket, self.backlog.isEmpty ? .readable : [.readable, .writable])
        wait.add(self.monitor)
    }

    // MARK: Sending

    /// Keeps a message, to be sent together with those that follow at once; `false` when there is no room.
    func keep(_ envelope: Envelope, at now: MonotonicTime, readsPacks: Bool) -> Bool {
        self.backlog.append(envelope, at: now, readsPacks: readsPacks)
    }

    /// Whether what waits should leave now, with so many calls in flight.
    func hasBurst(at now: MonotonicTime, among callCount: Int) -> Bool {
        self.backlog.isBurst(at: now, among: callCount)
    }

    /// Sends what waits, as far as libzmq takes it.
    ///
    /// - Parameters:
    ///   - now: The time, from which budgets are shortened.
    ///   - isWanted: Whether a call, by its id, is still worth making.
    /// - Returns: Whether anything left.
    /// - Throws: ``ZeroMQError`` when the socket is of no use any more.
    func flush(at now: MonotonicTime, where isWanted: (UInt64) -> Bool) throws(ZeroMQError) -> Bool {
        var hasSent = false
        while let parcel = self.backlog.first(at: now, where: isWanted) {
            guard try self.transmit(parcel) else { return hasSent }
            hasSent = true
            self.backlog.removeFirst()
        }
        return hasSent
    }

    /// Forgets what waits: it was meant for a connection that is gone.
    func forgetBacklog() {
        self.backlog.removeAll()
    }

    /// Hands a parcel to libzmq; `false` when it takes none now.
    private func transmit(_ parcel: SendBacklog.Parcel) throws(ZeroMQError) -> Bool {
        // A DEALER that loses its connection between two frames of a message drops the rest: the message has left, for nobody.
        switch parcel {
        case .alone(var envelope):
            try EnvelopeWriter.send(&envelope, to: nil, over: self.socket, reusing: &self.heads) != .congested
        case .pack(let pack):
            try EnvelopeWriter.sendPack(of: pack.size, to: nil, over: self.socket) { pack.write(to: $0) } != .congested
        }
    }
}
