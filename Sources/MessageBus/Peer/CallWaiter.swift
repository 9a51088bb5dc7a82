/// Whoever waits for the reply to a call: its continuation, and its task, which may be cancelled.
///
/// `@unchecked Sendable` for the task's address, which is only followed while the call is in flight: the task is suspended then, until the
/// continuation is resumed, so it is there, and any thread may ask whether it was cancelled.
struct CallWaiter: @unchecked Sendable {
    private let continuation: UnsafeContinuation<Result<BusReply, BusError>, Never>
    /// Not the task itself, which would be let go of after the call: the task of an `async let` lies in its parent's memory, whoever holds it, and
    /// any other would be kept for nothing.
    private let task: UnsafeRawPointer

    /// The current task, about to be suspended; nil where there is none.
    ///
    /// Nobody checks the continuation: whoever takes a waiter out of the calls in flight resumes it, and it is in there once.
    init?(_ continuation: UnsafeContinuation<Result<BusReply, BusError>, Never>) {
        let task = withUnsafeCurrentTask { $0.map { unsafeBitCast($0, to: UnsafeRawPointer.self) } }
        guard let task else { return nil }
        self.continuation = continuation
        self.task = task
    }

    /// Whether its task was cancelled; only before ``resume(returning:)``.
    var hasGivenUp: Bool { unsafeBitCast(self.task, to: UnsafeCurrentTask.self).isCancelled }

    /// Lets the task go on; nothing may be asked of it any more.
    func resume(returning result: Result<BusReply, BusError>) {
        self.continuation.resume(returning: result)
    }
}
