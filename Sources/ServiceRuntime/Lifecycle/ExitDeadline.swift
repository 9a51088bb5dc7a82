import Foundation
public import Logging
public import ServiceLifecycle
import Synchronization

/// Ends the process when it does not end by itself in the time it was given.
///
/// Work that ignores its cancellation, or that blocks the thread it is on, cannot be ended from within. Without this the process would
/// wait for it until it is killed, and nobody would be told why.
public final class ExitDeadline: Service {
    private let time: Duration
    private let logger: Logger
    private let expire: @Sendable () -> Void
    private let isDisarmed = Atomic<Bool>(false)

    /// A deadline that begins when the group it runs in shuts down.
    ///
    /// It has to be the last of the group's services, for those are told first.
    ///
    /// - Parameters:
    ///   - time: How long the process may take to end; then it ends with ``ExitStatus/failure``.
    ///   - logger: Where it is told that it took longer.
    public convenience init(after time: Duration, logger: Logger) {
        self.init(after: time, logger: logger) { _exit(ExitStatus.failure) }
    }

    /// A deadline that does something else than to end the process.
    init(after time: Duration, logger: Logger, expire: @escaping @Sendable () -> Void) {
        self.time = time
        self.logger = logger
        self.expire = expire
    }

    /// Waits for the shutdown, graceful or not, and arms the deadline.
    public func run() async {
        try? await gracefulShutdown()
        self.arm()
    }

    /// Starts the clock, on a thread of its own: those of tasks may be what is blocked.
    func arm() {
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: self.time / .seconds(1))
            guard !self.isDisarmed.load(ordering: .acquiring) else { return }
            self.logger.critical(
                "ended without waiting any longer: something does not stop when it is told to",
                metadata: ["after": "\(self.time)"]
            )
            self.expire()
        }
    }

    /// Stops the clock: what was to end has ended.
    public func disarm() {
        self.isDisarmed.store(true, ordering: .releasing)
    }
}
