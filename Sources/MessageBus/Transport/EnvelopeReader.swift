internal import WireProtocol
internal import ZeroMQ

/// Reads whole messages from a socket.
///
/// Whatever arrives, the reader passes over what is left of a message that it has judged, so that one bad message never shifts the
/// frames of the next.
struct EnvelopeReader: ~Copyable {
    /// What came, and from whom if the socket is a ROUTER.
    enum Incoming {
        case nothing
        case envelope(Envelope, from: PeerID?)
        case malformed(WireError, from: PeerID?)
        /// A connection that chose its own routing id: not served.
        case stranger
        /// More frames of a message that has been judged already.
        case excess
    }

    /// How many frames are received in one go: a message of millions of them must not keep others waiting.
    private static let framesMax = 64

    /// Bodies up to this many bytes are copied, which is cheaper than sharing them.
    private static let copiedSize = 64

    private let hasRoutingID: Bool
    private let bodySizeMax: Int
    private var message = Message()
    private var targets = TargetMemo()
    /// Frames of a message that nobody wants are still to come.
    private var isSkipping = false
    /// The pack whose messages are being handed out, and who sent it.
    private var pack: PackReader?
    private var packer: PeerID?

    init(kind: Socket.Kind, bodySizeMax: Int) {
        self.hasRoutingID = kind == .router
        self.bodySizeMax = bodySizeMax
    }

    /// The next message, if a whole one is there.
    ///
    /// - Parameters:
    ///   - socket: The socket.
    ///   - heads: Where the header's frame goes when it has been read.
    /// - Returns: What it is.
    /// - Throws: ``ZeroMQError`` when the socket is of no use any more.
    @inline(__always)
    mutating func next(
        from socket: borrowing Socket,
        sparing heads: inout SpareFrames
    ) throws(ZeroMQError) -> Incoming {
        if self.pack != nil, let packed = self.nextPacked() { return packed }
        guard !self.isSkipping else { return try self.skip(socket) }
        guard try socket.receive(into: &self.message) else { return .nothing }
        guard self.hasRoutingID else { return try self.readEnvelope(from: socket, sparing: &heads, peer: nil) }
        guard let peer = self.message.withUnsafeBytes({ PeerID(routingID: $0) }) else {
            self.isSkipping = self.message.hasMore
            return .stranger
        }
        guard self.message.hasMore else { return .malformed(WireError(.frameCount, "no frames"), from: peer) }
        guard try socket.receive(into: &self.message) else { return .nothing }
        return try self.readEnvelope(from: socket, sparing: &heads, peer: peer)
    }

    /// Reads on from the header, which has been received.
    // Inlined, as its caller is: what is read would be moved in memory on each way back.
    @inline(__always)
    private mutating func readEnvelope(
        from socket: borrowing Socket,
        sparing heads: inout SpareFrames,
        peer: PeerID?
    ) throws(ZeroMQError) -> Incoming {
        let header: Header
        do throws(WireError) {
            header = try self.decodeHeader()
        } catch {
            self.isSkipping = self.message.hasMore
            return .malformed(error, from: peer)
        }
        // libzmq hands a message out when all its frames are there: where one has more, the next one is not waited for.
        guard self.message.hasMore else { return self.incoming(header, nil, nil, frameCount: 1, from: peer) }
        heads.keep(&self.message)
        guard try socket.receive(into: &self.message) else {
            return self.incoming(header, nil, nil, frameCount: 1, from: peer)
        }
        let hasMore = self.message.hasMore
        let body = self.takePayload()
        guard !hasMore, !header.flags.contains(.metadata) else {
            return try self.readLong(header, body, hasMore: hasMore, from: socket, peer: peer)
        }
        // Nearly every message, so it goes through no hands that it need not.
        do throws(WireError) {
            return try self.accept(
                Envelope(received: consume header, .none, body: consume body, bodySizeMax: self.bodySizeMax),
                from: peer
            )
        } catch {
            return .malformed(error, from: peer)
        }
    }

    /// Reads on behind the second frame of a message that has, or should have, others.
    private mutating func readLong(
        _ header: Header,
        _ second: Payload,
        hasMore: Bool,
        from socket: borrowing Socket,
        peer: PeerID?
    ) throws(ZeroMQError) -> Incoming {
        guard hasMore, try socket.receive(into: &self.message) else {
            return self.incoming(header, second, nil, frameCount: 2, from: peer)
        }
        // No message has more frames than three: nothing of them is kept.
        self.isSkipping = self.message.hasMore
        return self.incoming(header, second, self.takePayload(), frameCount: self.isSkipping ? 4 : 3, from: peer)
    }

    private mutating func incoming(
        _ header: Header,
        _ second: Payload?,
        _ third: Payload?,
        frameCount: Int,
        from peer: PeerID?
    ) -> Incoming {
        do throws(WireError) {
            let envelope = try Envelope(
                received: header,
                second: second,
                third: third,
                frameCount: frameCount,
                bodySizeMax: self.bodySizeMax
            )
            return try self.accept(envelope, from: peer)
        } catch {
            return .malformed(error, from: peer)
        }
    }

    @inline(__always)
    private mutating func accept(
        _ envelope: consuming Envelope,
        from peer: PeerID?
    ) throws(WireError) -> Incoming {
        guard envelope.header.kind == .pack else { return .envelope(envelope, from: peer) }
        self.pack = try PackReader(envelope)
        self.packer = peer
        return self.nextPacked() ?? .excess
    }

    /// The next message of the pack; nil when it has no more.
    private mutating func nextPacked() -> Incoming? {
        do throws(WireError) {
            let envelope = try self.pack?.next(remembering: &self.targets, bodySizeMax: self.bodySizeMax)
            if let envelope { return .envelope(envelope, from: self.packer) }
            self.pack = nil
            return nil
        } catch {
            // Those behind it count, where they can be found.
            return .malformed(error, from: self.packer)
        }
    }

    private mutating func decodeHeader() throws(WireError) -> Header {
        try self.message.withUnsafeBytes { bytes throws(WireError) in
            try Header(decoding: bytes, remembering: &self.targets)
        }
    }

    /// The current frame as a payload.
    private mutating func takePayload() -> Payload {
        let count = self.message.count
        if count == 0 { return .empty }
        if count <= Self.copiedSize { return self.message.withUnsafeBytes { Payload(copying: $0) } }
        return Payload(external: Frame(self.message.take()))
    }

    /// Passes over some of the frames that are left of a message.
    private mutating func skip(_ socket: borrowing Socket) throws(ZeroMQError) -> Incoming {
        for _ in 0..<Self.framesMax where self.isSkipping {
            guard try socket.receive(into: &self.message) else { return .nothing }
            self.isSkipping = self.message.hasMore
        }
        return .excess
    }
}
