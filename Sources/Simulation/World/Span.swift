package import MessageBus
package import SeededRandom

/// Lengths of time in nanoseconds, written in milliseconds.
package enum Span {
    package static func milliseconds(_ milliseconds: Double) -> UInt64 { UInt64(max(0, milliseconds) * 1_000_000) }
}

extension MonotonicTime {
    package func adding(span: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: self.nanoseconds &+ span) }
}

extension SplitMix64 {
    /// A length of time, each in the range equally likely; in milliseconds.
    package mutating func span(_ range: ClosedRange<Double>) -> UInt64 {
        Span.milliseconds(Double.random(in: range, using: &self))
    }

    /// Whether something happens that does so in this many of a hundred cases.
    package mutating func percent(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }
}
