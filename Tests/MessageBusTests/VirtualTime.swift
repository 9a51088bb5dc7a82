import MessageBus

extension MonotonicTime {
    /// A time of the tests' own, in milliseconds.
    static func at(_ milliseconds: UInt64) -> MonotonicTime {
        MonotonicTime(nanoseconds: milliseconds * 1_000_000)
    }
}
