internal import CZeroMQ
internal import Synchronization

/// A container for all the sockets of a process, with the threads that do their input and output.
///
/// One context per process is enough. Sockets keep their context alive. Before the process ends the context has to be
/// terminated, or what its sockets have not sent yet is lost with it.
public final class Context: Sendable {
    /// `nil` once terminated.
    private let handle: Mutex<ContextHandle?>

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
        ThreadScheduling.kind.apply(to: handle)
        self.handle = Mutex(ContextHandle(pointer: handle))
    }

    deinit {
        self.terminate()
    }

    /// Makes every call on every socket of this context fail with ``ZeroMQError/Code/terminated`` from now on.
    ///
    /// Sockets still have to be let go of by their owners.
    public func shutdown() {
        self.handle.withLock { handle in
            if let handle { zmq_ctx_shutdown(handle.pointer) }
        }
    }

    /// Waits until every socket is closed and has sent what it held, or its ``SocketOptions/linger`` has run out.
    ///
    /// Blocks the thread. It happens by itself with the last reference to the context; called by a process before it ends it does not
    /// depend on who still holds one. Sockets can no longer be opened. A second call returns at once, also while the first one waits.
    public func terminate() {
        guard let handle = self.handle.withLock({ $0.take() }) else { return }
        // A signal may interrupt the wait for the sockets; the context must end all the same.
        while zmq_ctx_term(handle.pointer) != 0, zmq_errno() == EINTR {}
    }

    /// Opens a socket of libzmq's.
    func socket(_ kind: Socket.Kind) throws(ZeroMQError) -> UnsafeMutableRawPointer {
        let call = "zmq_socket"
        // Under the lock, because a context must not be terminated in the middle of it.
        let result = self.handle.withLock { handle -> Result<ContextHandle, ZeroMQError> in
            guard let handle else { return .failure(ZeroMQError(.terminated, call: call)) }
            guard let socket = zmq_socket(handle.pointer, kind.rawValue) else {
                return .failure(ZeroMQError(call: call))
            }
            return .success(ContextHandle(pointer: socket))
        }
        return try result.get().pointer
    }
}

/// What libzmq knows a context or a new socket by.
///
/// `@unchecked Sendable` because the pointer never changes: libzmq documents a context as thread safe, and of a socket only the thread
/// that asked for it learns.
private struct ContextHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
}
