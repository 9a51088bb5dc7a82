/// A reading of the wall clock in milliseconds since 1970, UTC.
///
/// Several processes on several machines compare it. It says when something may be *tried*, never whether it is safe:
/// that is what the lease's epoch is for.
public struct WallTime: Comparable, Hashable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The time after an interval; saturates instead of overflowing.
    public static func + (time: Self, interval: Duration) -> Self {
        let (sum, overflow) = time.milliseconds.addingReportingOverflow(interval.wholeMilliseconds)
        return Self(milliseconds: overflow ? .max : sum)
    }

    /// The interval until a later time; zero if it is not later.
    public func until(_ later: Self) -> Duration {
        guard later > self else { return .zero }
        let (difference, overflow) = later.milliseconds.subtractingReportingOverflow(self.milliseconds)
        return .milliseconds(overflow ? .max : difference)
    }
}

extension Duration {
    /// Rounded down; zero if it is negative.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : product + attoseconds / 1_000_000_000_000_000
    }

    /// With its fraction.
    var milliseconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}
