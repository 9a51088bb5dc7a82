// Public, so that what each frame goes through is inlined where it is called.
public import CZeroMQ

/// A libzmq socket.
///
/// A socket has exactly one owner, which closes it by letting go of it. It is not `Sendable`, because libzmq sockets are
/// not thread safe: one thread makes it, uses it and lets go of it.
///
/// No call blocks. Wait with a ``PollLoop``.
public struct Socket: ~Copyable {
    /// The messaging pattern of a socket.
    public enum Kind: Sendable {
        /// Deals its messages to the peers in turn, and takes theirs fairly.
        case dealer
        /// Puts the sender's routing id before each message it receives, and sends to the peer the first frame names.
        case router
        /// Has exactly one peer.
        case pair
    }

    @usableFromInline let handle: SocketHandle

    /// Opens a socket.
    ///
    /// - Throws: ``ZeroMQError`` when there is no room for another socket, the context was shut down, or an option has a
    ///   value libzmq does not take (the error's `call` names it).
    public init(
        _ kind: Kind,
        in context: Context,
        options: SocketOptions = SocketOptions()
    ) throws(ZeroMQError) {
        let handle = try SocketHandle(kind, in: context)
        try options.apply(to: handle, kind: kind)
        self.handle = handle
    }

    /// Accepts connections at `endpoint`: `ipc://path`, `tcp://address:port` (port 0: any free one), `inproc://name`.
    public borrowing func bind(to endpoint: String) throws(ZeroMQError) {
        self.handle.isDrained = false
        try Self.check(zmq_bind(self.handle.pointer, endpoint), "zmq_bind", endpoint)
        // Says which port 0 became; the endpoint as given will do if libzmq does not say.
        self.handle.endpoint = (try? self.lastEndpoint()) ?? endpoint
    }

    /// Connects to `endpoint`, now or as soon as somebody is there, and again when the connection is lost.
    public borrowing func connect(to endpoint: String) throws(ZeroMQError) {
        self.handle.isDrained = false
        try Self.check(zmq_connect(self.handle.pointer, endpoint), "zmq_connect", endpoint)
        self.handle.endpoint = endpoint
    }

    /// Stops accepting connections at `endpoint`, written as ``lastEndpoint()`` gave it.
    public borrowing func unbind(from endpoint: String) throws(ZeroMQError) {
        self.handle.isDrained = false
        try Self.check(zmq_unbind(self.handle.pointer, endpoint), "zmq_unbind", endpoint)
    }

    /// Ends the connection to `endpoint`.
    ///
    /// What is not sent within ``SocketOptions/linger`` is lost.
    public borrowing func disconnect(from endpoint: String) throws(ZeroMQError) {
        self.handle.isDrained = false
        try Self.check(zmq_disconnect(self.handle.pointer, endpoint), "zmq_disconnect", endpoint)
    }

    /// Hands a frame to libzmq, unless it would have to wait.
    ///
    /// The frames of one message are sent in a row, all but the last with `more`. Only the first can be refused for want
    /// of room. When a later one is, the connection was lost between the two and libzmq has taken the earlier frames
    /// back: give that message up. If it was not the last, libzmq drops what a DEALER sends up to the next frame without `more`, so
    /// send one.
    ///
    /// A message that is taken is on its way, not delivered: it is lost with the connection.
    ///
    /// - Returns: `false` when there is no room, or no peer, and `message` is as it was. Else `message` is now empty.
    /// - Throws: ``ZeroMQError/Code/hostUnreachable`` when a ROUTER is not connected to the peer that the first frame
    ///   names (`message` is as it was); ``ZeroMQError/Code/terminated`` after ``Context/shutdown()``.
    @inlinable
    public borrowing func send(_ message: inout Message, more: Bool) throws(ZeroMQError) -> Bool {
        let flags = more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT
        self.handle.isDrained = false
        while zmq_msg_send(&message.raw, self.handle.pointer, flags) < 0 {
            guard try self.handle.mayRetry("zmq_msg_send") else { return false }
        }
        message.size = 0
        return true
    }

    /// Replaces `message` by the next frame, if one is there.
    ///
    /// ``Message/hasMore`` tells whether others belong to it.
    ///
    /// - Returns: `false` when there is none; `message` may be empty then.
    /// - Throws: ``ZeroMQError/Code/terminated`` after ``Context/shutdown()``.
    @inlinable
    public borrowing func receive(into message: inout Message) throws(ZeroMQError) -> Bool {
        self.handle.isDrained = false
        while true {
            let count = zmq_msg_recv(&message.raw, self.handle.pointer, ZMQ_DONTWAIT)
            if count >= 0 {
                // What is larger than its type can say has the most that it can.
                if count < CInt.max { message.size = Int(count) } else { message.countAgain() }
                return true
            }
            message.countAgain()
            guard try self.handle.mayRetry("zmq_msg_recv") else {
                self.handle.isDrained = true
                return false
            }
        }
    }
}

extension Socket {
    /// Closes the socket now, not only when it is let go of.
    ///
    /// For owners that outlive their sockets. Every later call fails with ``ZeroMQError/Code/notASocket``.
    public borrowing func close() {
        self.handle.close()
    }

    /// The endpoint last bound or connected to, with the port that tcp port 0 became; empty when there is none.
    public borrowing func lastEndpoint() throws(ZeroMQError) -> String {
        try self.handle.lastEndpoint()
    }

    private static func check(_ result: CInt, _ call: String, _ endpoint: String) throws(ZeroMQError) {
        guard result == 0 else {
            throw ZeroMQError(call: call, endpoint: endpoint)
        }
    }
}
