public import WireProtocol
public import ZeroMQ

/// Sends whole messages over a socket, without ever waiting.
enum EnvelopeWriter {
    enum Outcome {
        case sent
        /// There is no room, or for a DEALER no connection: nothing was sent.
        case congested
        /// The connection is gone: nothing was sent.
        case unreachable
    }

    /// Sends one message.
    ///
    /// - Parameters:
    ///   - envelope: The message.
    ///   - peer: The connection to send to over a ROUTER; `nil` for a DEALER.
    ///   - socket: The socket.
    /// - Returns: Whether it left.
    /// - Throws: ``ZeroMQError`` when the socket is of no use any more.
    static func send(
        _ envelope: Envelope,
        to peer: PeerID?,
        over socket: borrowing Socket
    ) throws(ZeroMQError) -> Outcome {
        let outcome = try self.sendHead(envelope.header, to: peer, over: socket)
        guard outcome == .sent else { return outcome }
        if let metadata = envelope.metadata {
            var frame = Message(metadata)
            guard try socket.send(&frame, more: true) else { return .unreachable }
        }
        var frame = Message(envelope.body)
        return try socket.send(&frame, more: false) ? .sent : .unreachable
    }

    /// Sends several messages in one pack.
    ///
    /// - Parameters:
    ///   - size: The bytes of the messages, as ``Pack/size(of:)`` has them.
    ///   - peer: The connection to send to over a ROUTER; `nil` for a DEALER.
    ///   - socket: The socket.
    ///   - write: Writes every byte of the pack.
    /// - Returns: Whether all of them left; else none did.
    /// - Throws: ``ZeroMQError`` when the socket is of no use any more.
    static func sendPack(
        of size: Int,
        to peer: PeerID?,
        over socket: borrowing Socket,
        write: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(ZeroMQError) -> Outcome {
        let outcome = try self.sendHead(Header(kind: .pack), to: peer, over: socket)
        guard outcome == .sent else { return outcome }
        var frame = Message(count: size, initializing: write)
        return try socket.send(&frame, more: false) ? .sent : .unreachable
    }

    /// Sends what stands before metadata and body.
    private static func sendHead(
        _ header: Header,
        to peer: PeerID?,
        over socket: borrowing Socket
    ) throws(ZeroMQError) -> Outcome {
        if let peer {
            let outcome = try self.sendRoutingID(of: peer, over: socket)
            guard outcome == .sent else { return outcome }
        }
        var frame = Message(count: header.encodedSize) { header.write(to: $0) }
        guard try socket.send(&frame, more: true) else { return peer == nil ? .congested : .unreachable }
        return .sent
    }

    private static func sendRoutingID(
        of peer: PeerID,
        over socket: borrowing Socket
    ) throws(ZeroMQError) -> Outcome {
        var routingID = Message(count: PeerID.routingIDSize) { peer.write(to: $0) }
        do throws(ZeroMQError) {
            return try socket.send(&routingID, more: true) ? .sent : .congested
        } catch  where error.code == .hostUnreachable {
            return .unreachable
        }
    }
}

extension Frame: PayloadStorage {}

extension Message {
    /// A frame with a payload's bytes: the very same bytes where libzmq received them.
    fileprivate init(_ payload: Payload) {
        if let frame = payload.storage(as: Frame.self) {
            self = frame.share()
        } else {
            self.init(count: payload.count) { target in
                payload.withUnsafeBytes { target.copyMemory(from: $0) }
            }
        }
    }
}
