// Public, so that the closures that read and write frames are specialised where they are written: they run for every frame.
public import CZeroMQ

/// One frame: a run of bytes that libzmq owns, and moves without copying.
///
/// Sending takes the bytes out and leaves an empty message, which can be used again.
@frozen
public struct Message: ~Copyable, Sendable {
    // A zmq_msg_t may be moved in memory (zmq_msg_move does just that) and from thread to thread; it has one owner here.
    @usableFromInline var raw: zmq_msg_t
    // Kept, for libzmq tells it with each frame that it hands out, and asking for it again is a call.
    @usableFromInline var size: Int

    /// Makes an empty message.
    @inlinable
    public init() {
        self.raw = zmq_msg_t()
        self.size = 0
        zmq_msg_init(&self.raw)
    }

    /// Makes a message with a copy of `bytes`.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Makes a message with a copy of `bytes`.
    public init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { target in
            bytes.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    /// Makes a message of `count` bytes, written in place.
    ///
    /// - Parameters:
    ///   - count: The size in bytes. Like an array, a message larger than memory traps.
    ///   - initializing: Writes every one of the bytes: they are not zero before.
    /// - Throws: What `initializing` throws.
    @inlinable
    public init<E: Error>(
        count: Int,
        initializing: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        var raw = zmq_msg_t()
        let result = zmq_msg_init_size(&raw, count)
        precondition(result == 0, "No memory for a message of \(count) bytes.")
        self.raw = raw
        self.size = count
        do throws(E) {
            try withUnsafeMutablePointer(to: &self.raw) { pointer throws(E) in
                // The bytes of a small message lie inside `raw` itself, so they are valid only in here.
                try initializing(UnsafeMutableRawBufferPointer(start: zmq_msg_data(pointer), count: count))
            }
        } catch {
            zmq_msg_close(&self.raw)
            throw error
        }
    }

    deinit {
        var raw = self.raw
        zmq_msg_close(&raw)
    }

    /// The size in bytes.
    @inlinable
    public var count: Int { self.size }

    /// Whether the frame was received as a part of a message of which more frames follow.
    @inlinable
    public var hasMore: Bool {
        withUnsafePointer(to: self.raw) { zmq_msg_more($0) } != 0
    }

    /// Whether the bytes are another message's as well, or nobody's to change.
    @usableFromInline
    var isShared: Bool {
        withUnsafePointer(to: self.raw) { zmq_msg_get($0, ZMQ_SHARED) } != 0
    }

    /// Calls `body` with the bytes, which are valid only until it returns.
    @inlinable
    public borrowing func withUnsafeBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let count = self.count
        return try withUnsafePointer(to: self.raw) { pointer throws(E) in
            // It wants something mutable, and reads only.
            let start = zmq_msg_data(UnsafeMutablePointer(mutating: pointer))
            return try body(UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    /// Calls `body` with the bytes, which it may change, and which are valid only until it returns.
    ///
    /// - Precondition: They are not shared with another message, or with a ``Frame``.
    @inlinable
    public mutating func withUnsafeMutableBytes<E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        assert(!self.isShared, "Bytes that others read are not to be changed.")
        let count = self.count
        try withUnsafeMutablePointer(to: &self.raw) { pointer throws(E) in
            try body(UnsafeMutableRawBufferPointer(start: zmq_msg_data(pointer), count: count))
        }
    }

    /// Takes the frame out, without copying, and leaves this one empty and usable.
    @inlinable
    public mutating func take() -> Message {
        let taken = Message(owning: self.raw, count: self.count)
        zmq_msg_init(&self.raw)
        self.size = 0
        return taken
    }

    /// Takes over what nobody else owns any more.
    @usableFromInline
    init(owning raw: zmq_msg_t, count: Int) {
        self.raw = raw
        self.size = count
    }

    /// Notes what libzmq has put into it, or that it has taken it.
    @usableFromInline
    mutating func countAgain() {
        self.size = zmq_msg_size(&self.raw)
    }

    /// Ends a message that ``Socket/send(_:more:)`` has taken: without closing it, for it is empty.
    ///
    /// - Precondition: It is.
    @inlinable
    public consuming func end() {
        assert(self.count == 0, "A message that has bytes is not to be ended, or their memory is never free again.")
        discard self
    }

    /// What libzmq knows about the connection a frame came by.
    ///
    /// - Parameter name: `"Peer-Address"`, `"Socket-Type"`, `"User-Id"` (as the authentication gave it), …
    /// - Returns: `nil` for a frame that was not received, or a property the connection does not have.
    public borrowing func property(_ name: String) -> String? {
        withUnsafePointer(to: self.raw) { zmq_msg_gets($0, name) }.map { String(cString: $0) }
    }
}

extension Array where Element == UInt8 {
    /// Copies a frame's bytes.
    public init(_ message: borrowing Message) {
        self = message.withUnsafeBytes { [UInt8]($0) }
    }
}
