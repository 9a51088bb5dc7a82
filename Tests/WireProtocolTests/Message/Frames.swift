import WireProtocol

extension Header {
    /// Reads a header from bytes at hand.
    init(_ bytes: [UInt8]) throws(WireError) {
        self = try Payload(bytes).withUnsafeBytes { bytes throws(WireError) in try Header(decoding: bytes) }
    }
}

extension Envelope {
    /// Puts a message together as a transport does, from all of its frames.
    init(frames: [[UInt8]], bodySizeMax: Int = WireLimits.defaultBodySize) throws(WireError) {
        guard let first = frames.first else { throw WireError(.frameCount, "no frames") }
        try self.init(
            received: Header(first),
            second: frames.count > 1 ? Payload(frames[1]) : nil,
            third: frames.count > 2 ? Payload(frames[2]) : nil,
            frameCount: frames.count,
            bodySizeMax: bodySizeMax
        )
    }

    /// The frames as a transport sends them.
    var frames: [[UInt8]] {
        [self.header.encoded()] + (self.metadata.map { [$0.bytes] } ?? []) + [self.body.bytes]
    }
}

extension WireError {
    /// The code of the error that a closure ends with.
    static func code(of work: () throws(WireError) -> some Any) -> Code? {
        do throws(WireError) {
            _ = try work()
            return nil
        } catch {
            return error.code
        }
    }
}
