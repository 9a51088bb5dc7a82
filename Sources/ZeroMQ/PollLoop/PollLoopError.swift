/// Why a poll loop did not do what it was asked.
public enum PollLoopError: Error, Hashable, Sendable {
    /// As much work waits for the loop's thread as may.
    case queueFull(label: String, limit: Int)
    /// The loop was stopped.
    case stopped(label: String)
    /// The loop was started before.
    case alreadyStarted(label: String)
    /// The operating system gave no thread, or no file descriptor to wake it by.
    case noResources(label: String, errno: CInt)
}

extension PollLoopError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .queueFull(let label, let limit):
            "The poll loop \(label) has \(limit) pieces of work waiting and takes no more: try again later, or send less."
        case .stopped(let label):
            "The poll loop \(label) was stopped: nothing can be done on it any more."
        case .alreadyStarted(let label):
            "The poll loop \(label) was started before: a loop runs once, make another."
        case .noResources(let label, let errno):
            """
            The poll loop \(label) could not start: \(ZeroMQError.Code(rawValue: errno)). \
            Raise the limits of processes and open files (ulimit -u, ulimit -n).
            """
        }
    }
}
