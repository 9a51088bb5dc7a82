internal import Dispatch

/// Where a handler runs.
public enum HandlerExecution: Sendable {
    /// On the module's poll loop: the fastest, for handlers that never block the thread.
    case loop
    /// On threads of its own, for handlers that block: file access, a library without `async`.
    case blocking
}

/// Threads for handlers that block, apart from the loop and from Swift's own pool, which must not block either.
final class BlockingExecutor: TaskExecutor {
    static let shared = BlockingExecutor()

    // The number of threads is bounded by Dispatch (64), that of the jobs by the calls in flight.
    private let queue = DispatchQueue(label: "ganglion.blocking", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
