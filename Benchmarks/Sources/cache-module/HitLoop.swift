import CallLoad
import MessageBus
import WireProtocol

/// Does something that takes nanoseconds, so often that a clock can tell how long.
struct HitLoop {
    private let times: Times

    init(_ arguments: JSONValue) {
        self.times = Times(arguments)
    }

    /// - Parameters:
    ///   - keys: What is looked up in one batch.
    ///   - batch: Looks each of them up.
    /// - Returns: What one look-up takes, as the mean of its batch.
    /// - Throws: What a batch throws, and when it finds other values.
    func run(_ keys: [String], _ batch: ([String]) async throws -> Int) async throws -> JSONValue {
        let begin = MonotonicTime.now() + self.times.warmUp
        let end = begin + self.times.measured
        var samples: [UInt32] = []
        var spent = Duration.zero
        var started = MonotonicTime.now()
        while started < end {
            let bytes = try await batch(keys)
            let took = MonotonicTime.now().since(started)
            guard bytes == keys.count * CacheModule.value.utf8.count else {
                throw BusFault(.internal, "the values looked up are not those that were put in")
            }
            if started >= begin {
                samples.append(UInt32(clamping: Int64(took / .nanoseconds(1))))
                spent += took
            }
            // A hit never gives way, and the proof that near caches are fresh has to come in on this thread.
            await Task.yield()
            started = .now()
        }
        let summary = try LoadSummary(nanoseconds: samples, callsPerSample: keys.count, duration: spent)
        return .object(summary.json)
    }
}
