internal import CZeroMQ
internal import Synchronization

/// An immutable frame that can be sent on, any number of times, without copying its bytes.
///
/// libzmq keeps the bytes of a large message (33 bytes and more) behind an atomic reference count, which `zmq_msg_copy`
/// raises. The first copy ever made of a message also writes to its source, to mark it as shared; every later one only reads the
/// source and raises the count, so any thread may make it.
///
/// A frame of up to 8 KiB that was received lies in the buffer it came in, together with its neighbours, and keeps all of it
/// in memory: copy the bytes of small frames that are kept for long.
///
/// `@unchecked Sendable` because of the message, which is written to by the first who shares it (`sharing`; all others read it only when that is
/// done) and by ``message(of:)``, for whom nobody else is left. The bytes never change.
public final class Frame: @unchecked Sendable {
    // exclusivity(unchecked), for every message is received as a frame: who writes to it is told above.
    @exclusivity(unchecked) private var message: Message
    /// The bytes, which stay where they are as long as the frame lives.
    public let bytes: UnsafeRawBufferPointer
    /// Whether the bytes are a copy: a message this small may have them inside its bookkeeping, which has no lasting address.
    private let ownsBytes: Bool
    private let sharing = Atomic(Sharing.unmarked.rawValue)

    private enum Sharing: UInt8 {
        case unmarked
        /// Somebody makes the first copy.
        case beingMarked
        case marked
    }

    /// Takes over a message.
    public init(_ message: consuming Message) {
        let bytes = message.withUnsafeBytes { $0 }
        self.ownsBytes = bytes.count <= MemoryLayout<zmq_msg_t>.size
        self.bytes = self.ownsBytes ? Self.copy(of: message) : bytes
        self.message = message
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
    public var count: Int { self.bytes.count }

    /// A message with the same bytes: the very same, unless there are fewer than 33, or another thread shares it for the first
    /// time just now.
    public func share() -> Message {
        if self.sharing.load(ordering: .acquiring) == Sharing.marked.rawValue { return self.shareMarked() }
        let (isFirst, _) = self.sharing.compareExchange(
            expected: Sharing.unmarked.rawValue,
            desired: Sharing.beingMarked.rawValue,
            ordering: .acquiring
        )
        guard isFirst else { return Message(copying: self.bytes) }
        let shared = self.copy(&self.message.raw)
        self.sharing.store(Sharing.marked.rawValue, ordering: .releasing)
        return shared
    }

    /// The message of a frame that nobody else has, else one that shares its bytes.
    public static func message(of frame: consuming Frame) -> Message {
        var frame = frame
        // What was shared before is no obstacle: it holds on to the bytes by itself. Nothing reads `bytes` after this.
        guard isKnownUniquelyReferenced(&frame) else { return frame.share() }
        return frame.message.take()
    }

    private func shareMarked() -> Message {
        // zmq_msg_copy gets a copy of the bookkeeping as its source, so that not even libzmq could write to what threads
        // share; `self` keeps the content alive meanwhile.
        var source = self.message.raw
        return self.copy(&source)
    }

    private func copy(_ source: inout zmq_msg_t) -> Message {
        var shared = zmq_msg_t()
        zmq_msg_init(&shared)
        let result = zmq_msg_copy(&shared, &source)
        precondition(result == 0, "A message that was never initialised, or was closed, cannot be shared.")
        return Message(owning: shared, count: self.count)
    }
}

extension Array where Element == UInt8 {
    /// Copies a frame's bytes.
    public init(_ frame: Frame) {
        self = [UInt8](frame.bytes)
    }
}
