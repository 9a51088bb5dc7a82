import Synchronization

/// What happened, in order, for tests that wait for something to happen instead of sleeping.
final class EventLog<Event: Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        let matches: @Sendable (Event) -> Bool
        let continuation: CheckedContinuation<Event, any Error>
    }

    private struct State {
        var events: [Event] = []
        var waiters: [Waiter] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    func append(_ event: Event) {
        let waiter = self.state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.matches(event) }) else {
                state.events.append(event)
                return nil
            }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: event)
    }

    /// Takes the first event that matches out of the log; waits for one if there is none.
    func next(where matches: @escaping @Sendable (Event) -> Bool = { _ in true }) async throws -> Event {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.wait(Waiter(id: id, matches: matches, continuation: continuation))
            }
        } onCancel: {
            // A time limit cancels a test that waits for what never comes.
            self.cancel(id)
        }
    }

    /// Takes the first event that a closure can make something of.
    func first<Value: Sendable>(_ pick: @escaping @Sendable (Event) -> Value?) async throws -> Value {
        while true {
            if let value = pick(try await self.next { pick($0) != nil }) { return value }
        }
    }

    var count: Int { self.state.withLock { $0.events.count } }

    func contains(_ matches: (Event) -> Bool) -> Bool {
        self.state.withLock { $0.events.contains(where: matches) }
    }

    private func wait(_ waiter: Waiter) {
        let outcome = self.state.withLock { state -> Result<Event, any Error>? in
            if Task.isCancelled { return .failure(CancellationError()) }
            guard let index = state.events.firstIndex(where: waiter.matches) else {
                state.waiters.append(waiter)
                return nil
            }
            return .success(state.events.remove(at: index))
        }
        if let outcome { waiter.continuation.resume(with: outcome) }
    }

    private func cancel(_ id: Int) {
        let waiter = self.state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }
}
