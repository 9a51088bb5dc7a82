import Testing
import ZeroMQ

extension PollLoop {
    /// Computes something on the loop's thread.
    func value<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try self.execute { continuation.resume(with: Result { try body() }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

/// Runs a test with a loop that is started before and stopped after it.
func withPollLoop(
    queueLimit: Int = 65_536,
    _ body: (PollLoop) async throws -> Void
) async throws {
    let loop = PollLoop(label: "test", queueLimit: queueLimit)
    try loop.start()
    do {
        try await body(loop)
    } catch {
        loop.stop()
        await loop.waitUntilStopped()
        throw error
    }
    loop.stop()
    await loop.waitUntilStopped()
}
