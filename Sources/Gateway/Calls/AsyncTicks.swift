/// The time, again and again, until the task is cancelled.
struct AsyncTicks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    let interval: Duration

    func makeAsyncIterator() -> Self {
        self
    }

    func next() async -> ContinuousClock.Instant? {
        do {
            try await Task.sleep(for: self.interval)
            return .now
        } catch {
            return nil
        }
    }
}
