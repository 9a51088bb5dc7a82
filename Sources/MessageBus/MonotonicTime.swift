import Dispatch

/// A point in time that only moves forward, in nanoseconds since an arbitrary start.
///
/// Cores get the time as a value, so a simulation can hand them any. It is a plain 64-bit count because it is compared and
/// subtracted several times for every message.
public struct MonotonicTime: Comparable, Hashable, Sendable {
    public var nanoseconds: UInt64

    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The time after an interval; saturates instead of overflowing.
    public static func + (time: Self, interval: Duration) -> Self {
        time.adding(nanoseconds: interval.wholeNanoseconds)
    }

    public func adding(milliseconds: UInt32) -> Self {
        self.adding(nanoseconds: UInt64(milliseconds) * 1_000_000)
    }

    func adding(nanoseconds: UInt64) -> Self {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return Self(nanoseconds: overflow ? .max : sum)
    }

    /// The interval since an earlier time; zero if it is not earlier.
    public func since(_ earlier: Self) -> Duration {
        .nanoseconds(Int64(clamping: self.nanoseconds.subtractingClamped(earlier.nanoseconds)))
    }

    /// Whole milliseconds since an earlier time, rounded down; zero if it is not earlier.
    public func millisecondsSince(_ earlier: Self) -> UInt32 {
        UInt32(clamping: self.nanoseconds.subtractingClamped(earlier.nanoseconds) / 1_000_000)
    }
}

extension MonotonicTime {
    /// The time now.
    public static func now() -> Self {
        Self(nanoseconds: DispatchTime.now().uptimeNanoseconds)
    }
}

extension UInt64 {
    fileprivate func subtractingClamped(_ other: UInt64) -> UInt64 {
        self > other ? self - other : 0
    }
}

extension Duration {
    /// The duration in nanoseconds; zero if it is negative.
    fileprivate var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = self.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return overflow || carry ? .max : sum
    }
}
