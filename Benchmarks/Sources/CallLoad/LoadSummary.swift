public import WireProtocol

/// What a program that measures prints: one line of JSON, the same from every one.
public struct LoadSummary: Sendable {
    private let calls: Int
    private let seconds: Double
    private let median: Double
    private let late: Double

    struct Empty: Error, CustomStringConvertible {
        let description = "nothing ended while it was measured"
    }

    /// - Parameters:
    ///   - calls: How much was done in all; by default as much as the samples say.
    ///   - nanoseconds: What each took that was timed.
    ///   - callsPerSample: How many were timed at once.
    ///   - duration: What all took together.
    /// - Throws: When there is no sample.
    public init(calls: Int? = nil, nanoseconds: [UInt32], callsPerSample: Int = 1, duration: Duration) throws {
        let samples = nanoseconds.sorted()
        guard !samples.isEmpty else { throw Empty() }
        let unit = 1000 * Double(callsPerSample)
        self.calls = calls ?? samples.count * callsPerSample
        self.seconds = duration / .seconds(1)
        self.median = Double(samples[samples.count / 2]) / unit
        self.late = Double(samples[samples.count - 1 - samples.count / 100]) / unit
    }

    public var json: JSONObject {
        [
            "calls": .integer(Int64(self.calls)), "seconds": .number(self.seconds), "p50_us": .number(self.median),
            "p99_us": .number(self.late),
        ]
    }

    public var line: String { JSONValue.object(self.json).encoded().text }
}
