import MessageBus
import WireProtocol

/// A number of callers, each of which makes one call after another.
struct Load: Sendable {
    private static let bodySize = 256

    let connection: BusConnection
    let inFlight: Int
    let warmUp: Duration
    let measured: Duration

    /// What one caller saw: the time each call took, in nanoseconds, and when the last one ended.
    private struct Record {
        var samples: [UInt32] = []
        var last: MonotonicTime
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func run() async throws -> String {
        let request = BusRequest(target: "callback/benchmark/echo", body: Self.body, budget: .seconds(10))
        try await self.waitForModule(request)
        let begin = MonotonicTime.now() + self.warmUp
        let record = try await self.drive(request, from: begin, until: begin + self.measured)
        return try Self.summary(record, since: begin)
    }

    private static var body: Payload {
        let text = #"{"payload":""#
        return Payload(text + String(repeating: "x", count: Self.bodySize - text.utf8.count - 2) + #""}"#)
    }

    /// The module may be ready a moment before the dispatcher knows.
    private func waitForModule(_ request: BusRequest) async throws {
        var last: BusReply?
        for _ in 0..<500 {
            let reply = try await self.connection.call(request)
            if reply.status == .answer { return }
            last = reply
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure(description: "no answer: \(last?.body.text ?? "")")
    }

    private func drive(
        _ request: BusRequest,
        from begin: MonotonicTime,
        until end: MonotonicTime
    ) async throws -> Record {
        try await withThrowingTaskGroup(of: Record.self) { group in
            for _ in 0..<self.inFlight {
                group.addTask { try await self.callAgainAndAgain(request, from: begin, until: end) }
            }
            var all = Record(last: begin)
            for try await record in group {
                all.samples += record.samples
                all.last = max(all.last, record.last)
            }
            return all
        }
    }

    private func callAgainAndAgain(
        _ request: BusRequest,
        from begin: MonotonicTime,
        until end: MonotonicTime
    ) async throws -> Record {
        var record = Record(last: begin)
        var started = MonotonicTime.now()
        while started < end {
            let reply = try await self.connection.call(request)
            guard reply.status == .answer, reply.body.count == Self.bodySize else {
                throw Failure(description: "wrong answer: \(reply.body.text)")
            }
            let now = MonotonicTime.now()
            if now >= begin {
                record.samples.append(UInt32(clamping: now.nanoseconds - started.nanoseconds))
                record.last = now
            }
            started = now
        }
        return record
    }

    private static func summary(_ record: Record, since begin: MonotonicTime) throws -> String {
        let samples = record.samples.sorted()
        guard !samples.isEmpty else { throw Failure(description: "no call ended while it was measured") }
        let seconds = record.last.since(begin) / .seconds(1)
        let median = Double(samples[samples.count / 2]) / 1000
        let late = Double(samples[samples.count - 1 - samples.count / 100]) / 1000
        return #"{"calls":\#(samples.count),"seconds":\#(seconds),"p50_us":\#(median),"p99_us":\#(late)}"#
    }
}
