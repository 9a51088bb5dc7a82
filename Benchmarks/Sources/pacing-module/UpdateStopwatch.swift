import CallLoad
import MessageBus
import ModuleSDK
import Synchronization
import WireProtocol

/// Hears how the batches of an update end, and takes the time.
final class UpdateStopwatch: Sendable {
    /// Whoever measures now.
    private let listener = Mutex<AsyncStream<BackgroundUpdateOutcome>.Continuation?>(nil)

    func note(_ outcome: BackgroundUpdateOutcome) {
        _ = self.listener.withLock { $0?.yield(outcome) }
    }

    /// Starts an update and waits for its end.
    ///
    /// - Returns: The rows, the seconds, what the batches took, and how many rows each had.
    func measure(_ start: () async throws -> Void) async throws -> JSONValue {
        let (outcomes, continuation) = AsyncStream<BackgroundUpdateOutcome>.makeStream()
        self.listener.withLock { $0 = continuation }
        defer { self.listener.withLock { $0 = nil } }
        let began = MonotonicTime.now()
        try await start()
        var batches = Batches()
        for await outcome in outcomes {
            guard try batches.add(outcome) else { continue }
            return try batches.json(duration: MonotonicTime.now().since(began))
        }
        throw CancellationError()
    }
}

/// The batches of an update so far.
private struct Batches {
    private var rows: [Int] = []
    private var nanoseconds: [UInt32] = []

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Returns: Whether it was the last one.
    /// - Throws: When nobody knows what became of it. What failed is tried again.
    mutating func add(_ outcome: BackgroundUpdateOutcome) throws -> Bool {
        switch outcome {
        case .progressed(let rows, let duration, _):
            self.add(rows, duration)
            return false
        case .finished(let rows, let duration):
            self.add(rows, duration)
            return true
        case .failed, .aborted:
            return false
        case .lost(let reason):
            throw Failure(description: "the worker did not say how a batch ended: \(reason)")
        }
    }

    private mutating func add(_ rows: Int, _ duration: Duration) {
        self.rows.append(rows)
        self.nanoseconds.append(UInt32(clamping: Int64(duration / .nanoseconds(1))))
    }

    func json(duration: Duration) throws -> JSONValue {
        let sum = self.rows.reduce(0, +)
        var json = try LoadSummary(calls: sum, nanoseconds: self.nanoseconds, duration: duration).json
        json["batches"] = .array(self.rows.map { .integer(Int64($0)) })
        return .object(json)
    }
}
