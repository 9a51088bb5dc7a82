import MessageBus

/// How long a replica takes to answer: rises at once and falls slowly, so that one that has become slow is noticed by its first answer.
///
/// This is the peak-sensitive moving average of Finagle's balancer. Two things differ: it is halved for each second without an answer, so that a
/// replica that is given no calls is tried again, and it is compared in powers of two, so that the noise among equals does not decide.
struct LatencyEstimate: Equatable {
    /// What is faster than this is equally fast.
    private static let floor: UInt64 = 1 << 17
    /// About a second, as a power of two of nanoseconds.
    private static let halfLifeShift: UInt64 = 30

    private var nanoseconds: UInt64 = 0
    private var noted = MonotonicTime(nanoseconds: 0)

    /// Notes an answer, or the end of the time for one.
    mutating func note(since start: MonotonicTime, at now: MonotonicTime) {
        let latency = now.nanoseconds > start.nanoseconds ? now.nanoseconds - start.nanoseconds : 0
        let known = self.decayed(at: now)
        self.nanoseconds = latency >= known ? latency : known - (known - latency) / 8
        self.noted = now
    }

    private func decayed(at now: MonotonicTime) -> UInt64 {
        let idle = now.nanoseconds > self.noted.nanoseconds ? now.nanoseconds - self.noted.nanoseconds : 0
        return self.nanoseconds >> min(63, idle >> Self.halfLifeShift)
    }

    /// What one more call is expected to cost at a replica that has some already: comparable, and no unit.
    func cost(outgoing: Int, at now: MonotonicTime) -> UInt64 {
        let latency = max(Self.floor, self.decayed(at: now))
        let rounded = UInt64(1) << UInt64(63 - latency.leadingZeroBitCount)
        let (cost, overflow) = rounded.multipliedReportingOverflow(by: UInt64(outgoing) + 1)
        return overflow ? .max : cost
    }
}
