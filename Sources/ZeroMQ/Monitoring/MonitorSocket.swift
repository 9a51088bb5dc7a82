internal import CZeroMQ
internal import Synchronization

/// Where the events of a socket's connections arrive.
///
/// Lives on the thread of the socket it watches. Letting go of it ends the watching.
public struct MonitorSocket: ~Copyable {
    let socket: Socket
    private let number: Int
    private weak var watched: SocketHandle?

    init(watching watched: SocketHandle, number: Int, endpoint: String) throws(ZeroMQError) {
        var options = SocketOptions()
        // libzmq blocks the thread that moves all bytes when it cannot deliver an event, so the queue has no limit.
        options.receiveHighWaterMark = 0
        options.sendHighWaterMark = 0
        options.linger = .zero
        let socket = try Socket(.pair, in: watched.context, options: options)
        try socket.connect(to: endpoint)
        self.socket = socket
        self.number = number
        self.watched = watched
    }

    deinit {
        // First libzmq's end, then ours: events without a reader would block libzmq.
        if let watched = self.watched, watched.monitorNumber == self.number {
            zmq_socket_monitor(watched.pointer, nil, 0)
        }
    }

    /// The next event, or `nil` when there is none now.
    ///
    /// - Throws: ``ZeroMQError/Code/terminated`` after ``Context/shutdown()``.
    public borrowing func next() throws(ZeroMQError) -> SocketEvent? {
        var message = Message()
        while try self.socket.receive(into: &message) {
            let (number, value) = message.withUnsafeBytes { bytes in
                guard bytes.count >= 6 else { return (UInt16(0), UInt32(0)) }
                return (
                    bytes.loadUnaligned(as: UInt16.self),
                    bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
                )
            }
            var endpoint = ""
            while message.hasMore, try self.socket.receive(into: &message) {
                endpoint = message.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
            if let kind = SocketEvent.Kind(number: CInt(number), value: Int(value)) {
                return SocketEvent(kind: kind, endpoint: endpoint)
            }
        }
        return nil
    }
}

extension Socket {
    /// Starts to watch the socket's connections.
    ///
    /// A socket has one monitor at a time: a new one takes the place of the one before, which hears no more.
    ///
    /// - Returns: A socket for the same thread, from which the events are read.
    public borrowing func monitor() throws(ZeroMQError) -> MonitorSocket {
        let number = monitorCount.add(1, ordering: .relaxed).newValue
        let endpoint = "inproc://ganglion.monitor.\(number)"
        guard zmq_socket_monitor(self.handle.pointer, endpoint, ZMQ_EVENT_ALL) == 0 else {
            throw ZeroMQError(call: "zmq_socket_monitor", endpoint: endpoint)
        }
        self.handle.monitorNumber = number
        return try MonitorSocket(watching: self.handle, number: number, endpoint: endpoint)
    }
}

/// Makes the monitors' endpoints unique in the process.
private let monitorCount = Atomic<Int>(0)

extension SocketEvent.Kind {
    /// Reads libzmq's event frame; `nil` for an event newer than this code.
    fileprivate init?(number: CInt, value: Int) {
        switch number {
        case ZMQ_EVENT_LISTENING: self = .listening
        case ZMQ_EVENT_BIND_FAILED: self = .bindFailed(errno: value)
        case ZMQ_EVENT_ACCEPTED: self = .accepted
        case ZMQ_EVENT_ACCEPT_FAILED: self = .acceptFailed(errno: value)
        case ZMQ_EVENT_CONNECTED: self = .connected
        case ZMQ_EVENT_CONNECT_DELAYED: self = .connectDelayed
        case ZMQ_EVENT_CONNECT_RETRIED: self = .connectRetried(after: .milliseconds(value))
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .handshakeSucceeded
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: self = .handshakeFailed(.system(errno: value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: self = .handshakeFailed(.violation(value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: self = .handshakeFailed(.refused(status: value))
        case ZMQ_EVENT_CLOSED: self = .closed
        case ZMQ_EVENT_CLOSE_FAILED: self = .closeFailed(errno: value)
        case ZMQ_EVENT_DISCONNECTED: self = .disconnected
        case ZMQ_EVENT_MONITOR_STOPPED: self = .monitorStopped
        default: return nil
        }
    }
}
