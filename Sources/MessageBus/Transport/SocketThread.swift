public import ServiceLifecycle
public import ZeroMQ

/// What a process has of ZeroMQ: a context, and the thread that owns every socket.
///
/// It has to be the first of a group's services, for those are told last: the others say goodbye over its sockets.
public struct SocketThread: Service {
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
        self.context.terminate()
    }
}
