internal import CZeroMQ
internal import Glibc

/// What a poll loop waits for in one sleep.
///
/// Sleeps in `poll`, not in `zmq_poll`, which asks the system about every socket before and after it sleeps: eight system calls where
/// one or two do. A socket's file descriptor says only that libzmq has something for the socket, and says it once; so a socket
/// that was not read until nothing came is asked before the loop sleeps.
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
    private var items: [pollfd]
    private var timeout: Duration?
    /// When the timeout ends, once that was asked for.
    private var deadline: ContinuousClock.Instant?
    /// A socket has something to do already.
    private var isReady = false
    private var failure: ZeroMQError?

    init(wakeUp: borrowing WakeUpSignal) {
        self.items = [pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
    }

    /// Wakes the loop when `socket` is ready.
    ///
    /// A closed one never is.
    public mutating func add(_ socket: borrowing Socket, _ readiness: Readiness) {
        guard socket.handle.pointer != nil else { return }
        do throws(ZeroMQError) {
            self.items.append(pollfd(fd: try socket.handle.descriptor(), events: Int16(POLLIN), revents: 0))
            guard readiness.contains(.writable) || !socket.handle.isDrained else { return }
            self.isReady = try !socket.handle.events().isDisjoint(with: readiness) || self.isReady
        } catch {
            self.failure = error
        }
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
        self.deadline = nil
        self.isReady = false
        self.failure = nil
    }

    /// Whether there is no need to wait any longer, as far as can be told without waiting.
    mutating func isOver() -> Bool {
        if self.isReady || self.failure != nil || self.hasTimedOut() { return true }
        return poll(&self.items, nfds_t(self.items.count), 0) > 0
    }

    private mutating func hasTimedOut() -> Bool {
        guard let timeout else { return false }
        let now = ContinuousClock.now
        let deadline = self.deadline ?? now + timeout
        self.deadline = deadline
        return deadline <= now
    }

    /// Waits, and says whether the wake-up signal is what woke it.
    mutating func sleep() throws(ZeroMQError) -> Bool {
        if let failure { throw failure }
        let milliseconds = self.isReady ? 0 : self.timeout.map { CInt(clamping: $0.wholeMilliseconds) } ?? -1
        guard poll(&self.items, nfds_t(self.items.count), milliseconds) >= 0 else {
            // A signal: the loop looks around and sleeps again.
            if errno == EINTR { return false }
            throw ZeroMQError(.init(rawValue: errno), call: "poll", endpoint: nil)
        }
        return self.items[0].revents != 0
    }
}
