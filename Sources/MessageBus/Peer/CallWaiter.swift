/// Whoever waits for the reply to a call: its continuation, and its task, which may be cancelled.
///
/// `@unchecked Sendable` for the task, which is suspended until the continuation is resumed: so it is there as long as the call is in flight,
/// and any thread may ask whether it was cancelled.
struct CallWaiter: @unchecked Sendable {
    /// Nobody checks it, and it is safe here: whoever takes a waiter out of the calls in flight resumes it, and it is in there once.
    typealias Continuation = UnsafeContinuation<Result<BusReply, BusError>, Never>

    let continuation: Continuation
    let task: UnsafeCurrentTask

    /// The current task, about to be suspended; nil where there is none.
    init?(_ continuation: Continuation) {
        guard let task = withUnsafeCurrentTask(body: { $0 }) else { return nil }
        self.continuation = continuation
        self.task = task
    }
}
