internal import CZeroMQ
internal import Glibc

/// How the system schedules the threads that move messages.
///
/// libzmq's threads are the process's, and each loop judges by itself how crowded the processors are: made for one loop in a process.
///
/// No privilege is needed for any of this. Where a sandbox forbids it all the same, things work as they would without.
enum ThreadScheduling {
    /// `SCHED_BATCH` of `<sched.h>`, which Swift does not import: a thread that becomes ready waits for a free processor or for its
    /// turn, instead of taking the place of the one that woke it.
    ///
    /// Otherwise the first message of a burst interrupts whoever sends it, is moved alone, and so is the next; on a busy machine that
    /// costs as much as all the rest. Nothing changes while a processor is free.
    case kind
    /// As any thread: one that becomes ready may take the place of another that has had its share.
    case ordinary

    private var policy: CInt {
        switch self {
        case .kind: 3
        case .ordinary: SCHED_OTHER
        }
    }

    /// Applies to the calling thread.
    func applyToCurrentThread() {
        self.apply(to: 0)
    }

    /// Applies to the threads that libzmq will start for a context.
    func apply(to context: UnsafeMutableRawPointer) {
        _ = zmq_ctx_set(context, ZMQ_THREAD_SCHED_POLICY, self.policy)
    }

    /// Applies to the calling thread and to those of libzmq that run in this process.
    func applyToMessageThreads() {
        self.applyToCurrentThread()
        for thread in ProcessThreads.ids where ProcessThreads.name(of: thread).hasPrefix("ZMQbg/IO") {
            self.apply(to: thread)
        }
    }

    /// - Parameter thread: The system's number of a thread, 0 for the calling one.
    private func apply(to thread: pid_t) {
        var parameters = sched_param()
        _ = sched_setscheduler(thread, self.policy, &parameters)
    }
}
