internal import Synchronization

/// Lets a bounded number of loads run at a time; the others wait in the order in which they came.
final class LoadLimit: Sendable {
    private struct State {
        var free: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ countMax: Int) {
        self.state = Mutex(State(free: max(1, countMax)))
    }

    func run<Value: Sendable>(_ load: () async throws -> Value) async throws -> Value {
        await self.enter()
        defer { self.leave() }
        return try await load()
    }

    private func enter() async {
        await withCheckedContinuation { waiter in
            let enters = self.state.withLock { state in
                guard state.free > 0 else {
                    state.waiters.append(waiter)
                    return false
                }
                state.free -= 1
                return true
            }
            if enters { waiter.resume() }
        }
    }

    private func leave() {
        let next = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiters.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.resume()
    }
}
