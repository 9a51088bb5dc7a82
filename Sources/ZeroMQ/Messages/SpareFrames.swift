internal import CZeroMQ

/// Frames that were received and read, kept for their memory: others of the same size are written into it.
///
/// libzmq allocates memory for each frame that does not fit into its bookkeeping. What one thread allocates and another frees
/// takes the longest way through `malloc`, there and back, and the memory is in the other processor's cache each time; a process that
/// receives about as many frames of a size as it sends needs no more than it has.
///
/// A frame that was received keeps the buffer that it came in, with libzmq's notes on it about 18 KiB, as a body does that was received: while it
/// lies here, of which there is a bound, and when it has been sent, until the other side reads it.
public struct SpareFrames: ~Copyable {
    /// The most frames that are kept: as many as leave in a long burst.
    static let countMax = 128
    /// Up to so many bytes lie inside a frame's bookkeeping (`max_vsm_size` of libzmq), and cost no memory.
    static let inlineSizeMax = 33
    /// How many frames of other sizes are let go of for one that is wanted.
    private static let missesMax = 4

    private struct Spare {
        var raw: zmq_msg_t
        var size: Int
    }

    private var frames: [Spare] = []

    public init() {}

    deinit {
        for var frame in self.frames { zmq_msg_close(&frame.raw) }
    }

    /// How many frames are kept.
    var count: Int { self.frames.count }

    /// Takes over a frame whose bytes nobody needs any more, and leaves an empty one.
    ///
    /// Does nothing with one that takes no memory, whose bytes another message shares, or for which there is no room.
    public mutating func keep(_ message: inout Message) {
        guard message.count > Self.inlineSizeMax, self.frames.count < Self.countMax, !message.isShared else { return }
        self.frames.append(Spare(raw: message.raw, size: message.size))
        zmq_msg_init(&message.raw)
        message.size = 0
    }

    /// A frame of `count` bytes, in memory that was kept or in new memory: all of them are to be written.
    public mutating func message(count: Int) -> Message {
        guard count > Self.inlineSizeMax else { return Message(count: count) { _ in } }
        for _ in 0..<Self.missesMax where !self.frames.isEmpty {
            var spare = self.frames.removeLast()
            if spare.size == count { return Message(owning: spare.raw, count: count) }
            zmq_msg_close(&spare.raw)
        }
        return Message(count: count) { _ in }
    }
}
