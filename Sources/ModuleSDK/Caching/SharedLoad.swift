internal import Caching
internal import MessageBus
internal import Synchronization

/// One load of a key and everybody in this process who waits for it.
final class SharedLoad<Value: Sendable>: Sendable {
    /// How a load ended.
    struct Outcome: Sendable {
        var value: Value
        var tags: Set<String>
        /// The number that was known before the value was loaded.
        var asof: SequenceNumber
        /// For a value that may be older than the load: the number that it follows.
        var ceiling: SequenceNumber?
    }

    private typealias Waiter = CheckedContinuation<Outcome, any Error>

    private struct State {
        var result: Result<Outcome, any Error>?
        var waiters: [Int: Waiter] = [:]
        var cancelled: Set<Int> = []
        var nextID = 0
    }

    /// The newest invalidation that was known when the load began.
    let mark: SequenceNumber
    let beganAt: MonotonicTime
    let parts: LoadParts
    private let state = Mutex(State())

    init(mark: SequenceNumber, beganAt: MonotonicTime, tags: [String]) {
        self.mark = mark
        self.beganAt = beganAt
        self.parts = LoadParts(tags: tags)
    }

    /// Ends the load for all who wait and who will.
    func finish(_ result: Result<Outcome, any Error>) {
        let waiters = self.state.withLock { state in
            state.result = result
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(with: result) }
    }

    /// Waits for the load; cancelling the waiting task ends its wait, not the load.
    func outcome() async throws -> Outcome {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { self.enqueue(id, $0) }
        } onCancel: {
            self.cancel(id)
        }
    }

    private func enqueue(_ id: Int, _ waiter: Waiter) {
        let result = self.state.withLock { state -> Result<Outcome, any Error>? in
            if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
            if let result = state.result { return result }
            state.waiters[id] = waiter
            return nil
        }
        if let result { waiter.resume(with: result) }
    }

    private func cancel(_ id: Int) {
        let waiter = self.state.withLock { state -> Waiter? in
            guard let waiter = state.waiters.removeValue(forKey: id) else {
                // It has not begun to wait, or has its result.
                if state.result == nil { state.cancelled.insert(id) }
                return nil
            }
            return waiter
        }
        waiter?.resume(throwing: CancellationError())
    }
}
