internal import CZeroMQ

/// What a poll loop waits for in one sleep.
public struct PollWait: ~Copyable {
    /// What a socket is awaited for.
    public struct Readiness: OptionSet, Sendable {
        public let rawValue: Int16

        public init(rawValue: Int16) {
            self.rawValue = rawValue
        }

        /// A frame can be received.
        public static let readable = Self(rawValue: Int16(ZMQ_POLLIN))
        /// A frame can be sent, to one peer at least.
        public static let writable = Self(rawValue: Int16(ZMQ_POLLOUT))
    }

    /// The wake-up signal, then the sockets.
    ///
    /// The memory is used again in every sleep.
    private var items: [zmq_pollitem_t]
    private var timeout: Duration?

    init(wakeUp: borrowing WakeUpSignal) {
        self.items = [zmq_pollitem_t(socket: nil, fd: wakeUp.descriptor, events: Int16(ZMQ_POLLIN), revents: 0)]
    }

    /// Wakes the loop when `socket` is ready.
    ///
    /// A closed one never is.
    public mutating func add(_ socket: borrowing Socket, _ readiness: Readiness) {
        // Without a socket, libzmq would wait for the file descriptor 0.
        guard let pointer = socket.handle.pointer else { return }
        self.items.append(zmq_pollitem_t(socket: pointer, fd: -1, events: readiness.rawValue, revents: 0))
    }

    /// Wakes the loop when there is an event to read.
    public mutating func add(_ monitor: borrowing MonitorSocket) {
        self.add(monitor.socket, .readable)
    }

    /// Wakes the loop after this time at the latest.
    ///
    /// The shortest wins.
    public mutating func wake(within time: Duration) {
        self.timeout = min(self.timeout ?? time, max(time, .zero))
    }

    mutating func reset() {
        self.items.removeLast(self.items.count - 1)
        self.timeout = nil
    }

    /// Waits, and says whether the wake-up signal is what woke it.
    mutating func sleep() throws(ZeroMQError) -> Bool {
        let milliseconds = self.timeout.map { CLong(clamping: $0.wholeMilliseconds) } ?? -1
        guard zmq_poll(&self.items, CInt(self.items.count), milliseconds) >= 0 else {
            let error = ZeroMQError(call: "zmq_poll")
            // A signal: the loop looks around and sleeps again.
            if error.code == .interrupted { return false }
            throw error
        }
        return self.items[0].revents != 0
    }
}
