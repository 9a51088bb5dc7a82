internal import Foundation

/// Where the worker's shells get the time from, and how they wait.
public protocol WorkerClock: Sendable {
    /// What leases and retries are dated by.
    func wallTime() -> WallTime

    /// A time that only moves forward, since an arbitrary start: what work is measured by.
    func uptime() -> Duration

    /// - Throws: `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The clocks of the machine.
public struct SystemClock: WorkerClock {
    private static let start = ContinuousClock.now

    public init() {}

    public func wallTime() -> WallTime {
        WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    public func uptime() -> Duration {
        ContinuousClock.now - Self.start
    }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
