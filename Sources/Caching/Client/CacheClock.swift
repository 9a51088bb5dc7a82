internal import Glibc
public import MessageBus

extension MonotonicTime {
    /// The time since the machine was started, including that in which it was suspended.
    ///
    /// A proof of freshness must not outlive a suspension, so caches do not use a clock that stands still in one.
    public static func sinceBoot() -> Self {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Self(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
