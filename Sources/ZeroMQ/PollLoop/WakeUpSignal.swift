internal import CZeroMQ
internal import Glibc

/// Wakes a thread that sleeps in `zmq_poll`: a counter in the kernel that can be polled.
struct WakeUpSignal: ~Copyable, Sendable {
    let readEnd: CInt

    init() {
        let descriptor = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC))
        precondition(descriptor >= 0, "No file descriptor left for a poll loop: raise the limit (ulimit -n).")
        self.readEnd = descriptor
    }

    deinit {
        close(self.readEnd)
    }

    /// Wakes the sleeper, now or when it next falls asleep.
    borrowing func send() {
        var one: UInt64 = 1
        // Fails only with EINTR, or with EAGAIN when 2^64 - 2 signals wait already, and then one more says nothing new.
        while write(self.readEnd, &one, MemoryLayout<UInt64>.size) < 0, errno == EINTR {}
    }

    /// Takes all signals sent so far.
    borrowing func clear() {
        var count: UInt64 = 0
        while read(self.readEnd, &count, MemoryLayout<UInt64>.size) < 0, errno == EINTR {}
    }
}
