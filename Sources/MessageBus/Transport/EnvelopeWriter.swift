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
    ///   - envelope: The message; its body is gone when its head has left.
    ///   - peer: The connection to send to over a ROUTER; `nil` for a DEALER.
    ///   - socket: The socket.
    ///   - heads: Where the header's frame comes from.
    /// - Returns: Whether it left.
    /// - Throws: ``ZeroMQError`` when the socket is of no use any more.
    static func send(
        _ envelope: inout Envelope,
        to peer: PeerID?,
        over socket: borrowing Socket,
        reusing heads: inout SpareFrames
    ) throws(ZeroMQError) -> Outcome {
        let outcome = try self.sendHead(envelope.header, to: peer, over: socket, reusing: &heads)
        guard outcome == .sent else { return outcome }
        if let metadata = envelope.metadata {
            guard try Self.send(Message(metadata), more: true, over: socket) else {
                // libzmq drops what follows up to the last frame: without one it would be the next message.
                _ = try Self.send(Message(), more: false, over: socket)
                return .unreachable
            }
        }
        return try Self.send(Message(envelope.takeBody()), more: false, over: socket) ? .sent : .unreachable
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
        // Nothing to reuse: it fits into a frame's bookkeeping.
        var none = SpareFrames()
        let outcome = try self.sendHead(Header(kind: .pack), to: peer, over: socket, reusing: &none)
        guard outcome == .sent else { return outcome }
        let frame = Message(count: size, initializing: write)
        return try Self.send(frame, more: false, over: socket) ? .sent : .unreachable
    }

    /// Sends a frame; one that is refused is lost.
    @inline(__always)
    private static func send(
        _ frame: consuming Message,
        more: Bool,
        over socket: borrowing Socket
    ) throws(ZeroMQError) -> Bool {
        guard try socket.send(&frame, more: more) else { return false }
        frame.end()
        return true
    }

    /// Sends what stands before metadata and body.
    private static func sendHead(
        _ header: Header,
        to peer: PeerID?,
        over socket: borrowing Socket,
        reusing heads: inout SpareFrames
    ) throws(ZeroMQError) -> Outcome {
        if let peer {
            let outcome = try self.sendRoutingID(of: peer, over: socket)
            guard outcome == .sent else { return outcome }
        }
        var frame = heads.message(count: header.encodedSize)
        frame.withUnsafeMutableBytes { header.write(to: $0) }
        guard try Self.send(frame, more: true, over: socket) else { return peer == nil ? .congested : .unreachable }
        return .sent
    }

    private static func sendRoutingID(
        of peer: PeerID,
        over socket: borrowing Socket
    ) throws(ZeroMQError) -> Outcome {
        let routingID = Message(count: PeerID.routingIDSize) { peer.write(to: $0) }
        do throws(ZeroMQError) {
            return try Self.send(routingID, more: true, over: socket) ? .sent : .congested
        } catch  where error.code == .hostUnreachable {
            return .unreachable
        }
    }
}

extension Frame: PayloadStorage {}

extension Message {
    /// A frame with a payload's bytes: the very same bytes where libzmq received them, and the very same message where nobody else has it.
    fileprivate init(_ payload: consuming Payload) {
        if let frame = payload.takeStorage(as: Frame.self) {
            self = Frame.message(of: frame)
        } else {
            self.init(count: payload.count) { target in
                payload.withUnsafeBytes { target.copyMemory(from: $0) }
            }
        }
    }
}
