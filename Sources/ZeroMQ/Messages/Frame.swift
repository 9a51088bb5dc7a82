internal import CZeroMQ

/// An immutable frame that can be sent on, any number of times, without copying its bytes.
///
/// libzmq keeps the bytes of a large message (33 bytes and more) behind an atomic reference count, which `zmq_msg_copy`
/// raises. The first copy ever made of a message also writes to its source, to mark it as shared. That one is made in
/// `init`, by the only owner; every later one reads the source and raises the count, so any thread may make it.
///
/// A frame of up to 8 KiB that was received lies in the buffer it came in, together with its neighbours, and keeps all of it
/// in memory: copy the bytes of small frames that are kept for long.
public final class Frame: Sendable {
    @usableFromInline let message: Message
    /// The bytes, which stay where they are as long as the frame lives.
    ///
    /// `nonisolated(unsafe)`: an address of what nobody writes to.
    public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    /// Whether the bytes are a copy: a message this small may have them inside its bookkeeping, which has no lasting address.
    private let ownsBytes: Bool

    /// Takes over a message.
    public init(_ message: consuming Message) {
        var marked = message
        var first = zmq_msg_t()
        zmq_msg_init(&first)
        Self.copy(&marked.raw, to: &first)
        zmq_msg_close(&first)
        self.ownsBytes = marked.count <= MemoryLayout<zmq_msg_t>.size
        self.bytes = self.ownsBytes ? Self.copy(of: marked) : marked.withUnsafeBytes { $0 }
        self.message = marked
    }

    deinit {
        if self.ownsBytes { self.bytes.deallocate() }
    }

    private static func copy(of message: borrowing Message) -> UnsafeRawBufferPointer {
        message.withUnsafeBytes { bytes in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            copy.copyMemory(from: bytes)
            return UnsafeRawBufferPointer(copy)
        }
    }

    /// The size in bytes.
    @inlinable
    public var count: Int { self.bytes.count }

    /// A message with the same bytes: the very same, unless there are fewer than 33.
    public func share() -> Message {
        // zmq_msg_copy gets a copy of the bookkeeping as its source, so that not even libzmq could write to what threads
        // share; `self` keeps the content alive meanwhile.
        var source = self.message.raw
        var shared = Message()
        Self.copy(&source, to: &shared.raw)
        return shared
    }

    private static func copy(_ source: inout zmq_msg_t, to destination: inout zmq_msg_t) {
        let result = zmq_msg_copy(&destination, &source)
        precondition(result == 0, "A message that was never initialised, or was closed, cannot be shared.")
    }
}

extension Array where Element == UInt8 {
    /// Copies a frame's bytes.
    public init(_ frame: Frame) {
        self = [UInt8](frame.bytes)
    }
}
