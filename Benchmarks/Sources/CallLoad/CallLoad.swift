internal import MessageBus

/// A number of callers, each of which makes one call after another.
public struct CallLoad: Sendable {
    /// Makes one call: which caller it is, and how many calls that caller has made before.
    public typealias Call = @Sendable (_ caller: Int, _ turn: Int) async throws -> Void

    private let inFlight: Int
    private let warmUp: Duration
    private let measured: Duration

    public init(inFlight: Int, warmUp: Duration, measured: Duration) {
        self.inFlight = inFlight
        self.warmUp = warmUp
        self.measured = measured
    }

    /// What one caller saw: the time each call took, in nanoseconds, and when the last one ended.
    private struct Record {
        var samples: [UInt32] = []
        var last: MonotonicTime
    }

    /// - Throws: What a call throws, which ends all of them.
    public func run(_ call: @escaping Call) async throws -> LoadSummary {
        let begin = MonotonicTime.now() + self.warmUp
        let end = begin + self.measured
        let record = try await withThrowingTaskGroup(of: Record.self) { group in
            for caller in 0..<self.inFlight {
                group.addTask { try await Self.callAgainAndAgain(caller, call, from: begin, until: end) }
            }
            var all = Record(last: begin)
            for try await record in group {
                all.samples += record.samples
                all.last = max(all.last, record.last)
            }
            return all
        }
        return try LoadSummary(nanoseconds: record.samples, duration: record.last.since(begin))
    }

    private static func callAgainAndAgain(
        _ caller: Int,
        _ call: Call,
        from begin: MonotonicTime,
        until end: MonotonicTime
    ) async throws -> Record {
        var record = Record(last: begin)
        var started = MonotonicTime.now()
        var turn = 0
        while started < end {
            try await call(caller, turn)
            turn += 1
            let now = MonotonicTime.now()
            if now >= begin {
                record.samples.append(UInt32(clamping: now.nanoseconds - started.nanoseconds))
                record.last = now
            }
            started = now
        }
        return record
    }
}
