internal import Synchronization

/// A clock that stands still until the test moves it.
public final class ManualClock: Clock, Sendable {
    public struct Instant: InstantProtocol, Sendable {
        fileprivate var offset: Duration

        public func advanced(by duration: Duration) -> Self { Self(offset: self.offset + duration) }
        public func duration(to other: Self) -> Duration { other.offset - self.offset }
        public static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        let id: Int
        let deadline: Instant
        let waiter: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var nextID = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    public init() {}

    public var now: Instant { self.state.withLock(\.now) }
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// How many tasks sleep until a later time.
    public var sleeperCount: Int { self.state.withLock { $0.sleepers.count } }

    /// Waits until so many tasks sleep, so that moving the time reaches them.
    ///
    /// A call over an ``InMemoryBus`` is one for its budget, and another for its delay if it has one; so is a timer of the
    /// module's own that runs by `ModuleAPI.clock`. Give a test a time limit: what never sleeps is
    /// waited for as long as the task lives.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func waitForSleepers(_ count: Int = 1) async throws {
        while self.sleeperCount < count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Moves the time and wakes whoever slept until then.
    public func advance(by duration: Duration) {
        let due = self.state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let now = state.now
            defer { state.sleepers.removeAll { $0.deadline <= now } }
            return state.sleepers.filter { $0.deadline <= now }
        }
        for sleeper in due { sleeper.waiter.resume() }
    }

    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                self.enqueue(Sleeper(id: id, deadline: deadline, waiter: waiter))
            }
        } onCancel: {
            self.cancel(id)
        }
    }

    private func enqueue(_ sleeper: Sleeper) {
        enum Outcome { case waits, isOver, isCancelled }
        let outcome: Outcome = self.state.withLock { state in
            if state.cancelled.remove(sleeper.id) != nil { return .isCancelled }
            if sleeper.deadline <= state.now { return .isOver }
            state.sleepers.append(sleeper)
            return .waits
        }
        switch outcome {
        case .waits: break
        case .isOver: sleeper.waiter.resume()
        case .isCancelled: sleeper.waiter.resume(throwing: CancellationError())
        }
    }

    private func cancel(_ id: Int) {
        let sleeper = self.state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                // The task was cancelled before it slept, or woke already; ids are not used again.
                state.cancelled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.waiter.resume(throwing: CancellationError())
    }
}
