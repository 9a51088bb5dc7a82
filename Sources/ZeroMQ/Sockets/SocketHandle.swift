internal import CZeroMQ

/// The libzmq socket behind a ``Socket``, closed when the last reference goes.
///
/// An object, so that a ``MonitorSocket`` can refer to the socket it watches without keeping it open.
@usableFromInline
final class SocketHandle {
    /// `nil` once closed, which libzmq answers with ENOTSOCK.
    // exclusivity(unchecked), here and below, for what each frame looks at: a number is read or written, and nothing runs meanwhile.
    @exclusivity(unchecked) @usableFromInline private(set) var pointer: UnsafeMutableRawPointer?
    // Keeps the context from being terminated, which would wait for this socket.
    let context: Context
    /// What the socket was last bound or connected to, for errors to name.
    var endpoint: String?
    /// Nothing came when the socket was last read, and it has not been used since: its file descriptor will tell when there is more.
    @exclusivity(unchecked) @usableFromInline var isDrained = false
    @exclusivity(unchecked) private var knownDescriptor: CInt?
    /// Tells the monitor that watches now from one that was replaced.
    var monitorNumber = 0

    init(_ kind: Socket.Kind, in context: Context) throws(ZeroMQError) {
        self.pointer = try context.socket(kind)
        self.context = context
    }

    deinit {
        self.close()
    }

    func close() {
        guard let pointer = self.pointer.take() else { return }
        // While it closes, libzmq still reports: to a reader who may be gone by then, for whom its threads would wait.
        if self.monitorNumber > 0 { zmq_socket_monitor(pointer, nil, 0) }
        zmq_close(pointer)
    }

    /// What becomes readable when libzmq has something for the socket.
    func descriptor() throws(ZeroMQError) -> CInt {
        if let knownDescriptor { return knownDescriptor }
        let descriptor = try self.number(ZMQ_FD, "ZMQ_FD")
        self.knownDescriptor = descriptor
        return descriptor
    }

    /// What the socket is ready for now.
    func events() throws(ZeroMQError) -> PollWait.Readiness {
        PollWait.Readiness(rawValue: Int16(truncatingIfNeeded: try self.number(ZMQ_EVENTS, "ZMQ_EVENTS")))
    }

    private func number(_ option: CInt, _ name: String) throws(ZeroMQError) -> CInt {
        var value: CInt = 0
        var size = MemoryLayout<CInt>.size
        while zmq_getsockopt(self.pointer, option, &value, &size) != 0 {
            guard try self.mayRetry("zmq_getsockopt(\(name))") else { break }
        }
        return value
    }

    func lastEndpoint() throws(ZeroMQError) -> String {
        // Longer than any ipc path, host name with port, or inproc name (256).
        let capacity = 1024
        var count = capacity
        var result: CInt = 0
        let endpoint = String(unsafeUninitializedCapacity: capacity) { buffer in
            result = zmq_getsockopt(self.pointer, ZMQ_LAST_ENDPOINT, buffer.baseAddress, &count)
            // The count includes the terminating zero byte.
            return result == 0 ? max(count - 1, 0) : 0
        }
        guard result == 0 else {
            throw ZeroMQError(call: "zmq_getsockopt(ZMQ_LAST_ENDPOINT)")
        }
        return endpoint
    }

    /// Judges why a call that does not wait failed.
    ///
    /// - Returns: `true` after a signal, `false` when the call would have had to wait.
    /// - Throws: ``ZeroMQError`` for every other reason.
    @usableFromInline
    func mayRetry(_ call: String) throws(ZeroMQError) -> Bool {
        switch ZeroMQError.Code(rawValue: zmq_errno()) {
        case .wouldBlock: return false
        case .interrupted: return true
        case let code:
            throw ZeroMQError(code, call: call, endpoint: self.endpoint)
        }
    }
}

extension Socket.Kind {
    var rawValue: CInt {
        switch self {
        case .dealer: ZMQ_DEALER
        case .router: ZMQ_ROUTER
        case .pair: ZMQ_PAIR
        }
    }
}
