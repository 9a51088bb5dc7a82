internal import CZeroMQ
internal import Glibc

/// Wakes a thread that sleeps in `poll`: a counter in the kernel that can be polled.
struct WakeUpSignal: ~Copyable, Sendable {
    /// What to poll; -1 if the process had no file descriptor left.
    let descriptor: CInt

    init() {
        self.descriptor = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC))
    }

    deinit {
        close(self.descriptor)
    }

    /// Wakes the sleeper, now or when it next falls asleep.
    borrowing func send() {
        var one: UInt64 = 1
        // Fails only with EINTR, or with EAGAIN when 2^64 - 2 signals wait already, and then one more says nothing new.
        while write(self.descriptor, &one, MemoryLayout<UInt64>.size) < 0, errno == EINTR {}
    }

    /// Takes all signals sent so far.
    borrowing func clear() {
        var count: UInt64 = 0
        while read(self.descriptor, &count, MemoryLayout<UInt64>.size) < 0, errno == EINTR {}
    }
}
