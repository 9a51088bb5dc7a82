internal import CZeroMQ

/// A container for all the sockets of a process, with the threads that do their input and output.
///
/// One context per process is enough. Sockets keep their context alive; letting go of the last reference terminates it,
/// which waits until every closed socket has sent what it held or its ``SocketOptions/linger`` has run out.
public final class Context: Sendable {
    // nonisolated(unsafe) because the pointer never changes and libzmq documents a context as thread safe.
    nonisolated(unsafe) let handle: UnsafeMutableRawPointer

    /// Makes a context.
    ///
    /// - Parameter ioThreads: Threads that move bytes. One carries about a gigabyte a second.
    /// - Throws: ``ZeroMQError`` when the process has no file descriptors left, or `ioThreads` is negative.
    public init(ioThreads: Int = 1) throws(ZeroMQError) {
        guard let handle = zmq_ctx_new() else {
            throw ZeroMQError(call: "zmq_ctx_new")
        }
        guard zmq_ctx_set(handle, ZMQ_IO_THREADS, CInt(clamping: ioThreads)) == 0 else {
            let error = ZeroMQError(call: "zmq_ctx_set(ZMQ_IO_THREADS)")
            zmq_ctx_term(handle)
            throw error
        }
        ThreadScheduling.apply(to: handle)
        self.handle = handle
    }

    deinit {
        // A signal may interrupt the wait for the sockets; the context must end all the same.
        while zmq_ctx_term(self.handle) != 0, zmq_errno() == EINTR {}
    }

    /// Makes every call on every socket of this context fail with ``ZeroMQError/Code/terminated`` from now on.
    ///
    /// Sockets still have to be let go of by their owners.
    public func shutdown() {
        zmq_ctx_shutdown(self.handle)
    }
}
