internal import Synchronization

/// Wakes one sleeper: a worker that has nothing to do, when an operator changed something or the process ends.
final class Alarm: Sendable {
    private struct State {
        var isRung = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Ends the sleep, or the next one if nobody sleeps.
    func ring() {
        let sleeper = self.state.withLock { state in
            let sleeper = state.sleeper.take()
            state.isRung = sleeper == nil
            return sleeper
        }
        sleeper?.resume()
    }

    /// Sleeps until the time is over or the alarm rings.
    func sleep(for duration: Duration, _ clock: any WorkerClock) async {
        await withTaskGroup(of: Void.self) { group in
            // Cancelled when the alarm rang; the sleeper wakes either way.
            group.addTask { try? await clock.sleep(for: duration) }
            group.addTask { await self.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = self.state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    state.sleeper = continuation
                    return false
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            self.end()
        }
    }

    /// Ends this sleep and no later one.
    private func end() {
        self.state.withLock { $0.sleeper.take() }?.resume()
    }
}
