internal import CZeroMQ
internal import Glibc

/// How the system schedules the threads that move messages.
///
/// As `SCHED_BATCH`: a thread that becomes ready waits for a free processor or for its turn, instead of taking the place of the one that
/// woke it. Otherwise the first message of a burst interrupts whoever sends it, is moved alone, and so is the next; on a busy machine that
/// costs as much as all the rest. Nothing changes while a processor is free.
enum ThreadScheduling {
    /// `SCHED_BATCH` of `<sched.h>`, which Swift does not import.
    private static let policy: CInt = 3

    /// Applies to the calling thread.
    ///
    /// No privilege is needed for it. Where a sandbox forbids it all the same, things work as they would without.
    static func applyToCurrentThread() {
        var parameters = sched_param()
        _ = pthread_setschedparam(pthread_self(), self.policy, &parameters)
    }

    /// Applies to the threads that libzmq will start for a context.
    static func apply(to context: UnsafeMutableRawPointer) {
        _ = zmq_ctx_set(context, ZMQ_THREAD_SCHED_POLICY, self.policy)
    }
}
