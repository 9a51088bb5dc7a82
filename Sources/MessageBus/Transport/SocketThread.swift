internal import Dispatch
public import ServiceLifecycle
public import ZeroMQ

/// What a process has of ZeroMQ: a context, and the thread that owns every socket.
///
/// It has to be the first of a group's services, for those are told last: the others say goodbye over its sockets.
public struct SocketThread: Service {
    /// How long a closed socket goes on sending to a peer that does not read.
    ///
    /// Two seconds is what a process has to end, of which the calls in flight may take the first 1.75.
    public static let linger = Duration.milliseconds(200)

    public let context: Context
    public let loop: PollLoop

    /// Starts the thread.
    ///
    /// - Parameter label: The thread's name.
    /// - Throws: ``ZeroMQError`` and ``PollLoopError`` when the process has no file descriptors left, or the system no thread.
    public init(label: String) throws {
        self.context = try Context()
        self.loop = PollLoop(label: label)
        try self.loop.start()
    }

    /// Waits for the shutdown, graceful or not, and ends the thread; returns when what its sockets held has been sent or their
    /// ``SocketOptions/linger`` has run out.
    ///
    /// The last message of a process says why it ends; one that just exits may take that along.
    public func run() async {
        try? await gracefulShutdown()
        self.loop.stop()
        await self.loop.waitUntilStopped()
        await withCheckedContinuation { waiter in
            // Not on a thread of Swift's pool, of which a small machine has one: whoever has to close a socket may need it.
            DispatchQueue.global().async {
                self.context.terminate()
                waiter.resume()
            }
        }
    }
}
