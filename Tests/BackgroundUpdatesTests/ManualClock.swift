import Synchronization

@testable import BackgroundUpdates

/// A clock that moves only when somebody sleeps or a test says so; sleeping takes no time and is no work.
final class ManualClock: WorkerClock {
    private struct Readings {
        var wall = WallTime(milliseconds: 1_800_000_000_000)
        var uptime = Duration.zero
    }

    private let readings = Mutex(Readings())
    /// How much of a sleep passes on the clock: with two sleepers on one clock a sleep of one is time for the other as well.
    private let share: Double
    private let watcher = Mutex<(@Sendable () -> Void)?>(nil)

    init(share: Double = 1) {
        self.share = share
    }

    func wallTime() -> WallTime {
        self.readings.withLock { $0.wall }
    }

    func uptime() -> Duration {
        self.readings.withLock { $0.uptime }
    }

    func advance(by duration: Duration) {
        self.readings.withLock { readings in
            readings.wall = readings.wall + duration
            readings.uptime += duration
        }
    }

    /// Calls a closure whenever somebody is about to sleep.
    func whenAsleep(_ watch: @escaping @Sendable () -> Void) {
        self.watcher.withLock { $0 = watch }
    }

    func sleep(for duration: Duration) async throws {
        self.watcher.withLock { $0 }?()
        self.readings.withLock { $0.wall = $0.wall + duration * self.share }
        await Task.yield()
        try Task.checkCancellation()
    }
}
