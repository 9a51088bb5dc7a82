/// Takes the messages out of a `PACK`, one after the other.
public struct PackReader: Sendable {
    private let body: Payload
    private var offset = 0
    private var count = 0

    /// - Parameter pack: A message of the kind `PACK`.
    /// - Throws: ``WireError`` when it has metadata, or no messages.
    public init(_ pack: Envelope) throws(WireError) {
        guard pack.metadata == nil else { throw WireError(.pack, "a pack has no metadata") }
        guard !pack.body.isEmpty else { throw WireError(.pack, "a pack of nothing") }
        self.body = pack.body
    }

    /// The next message; nil at the end.
    ///
    /// Its metadata and body are in the memory of the pack, and keep all of it.
    ///
    /// - Parameters:
    ///   - targets: The targets that were read before.
    ///   - bodySizeMax: The longest body to accept, in bytes.
    /// - Returns: The message.
    /// - Throws: ``WireError`` when the bytes are no message. Those behind it can be read, unless nobody can say where they begin: then there
    ///   is no next one.
    public mutating func next(
        remembering targets: inout TargetMemo,
        bodySizeMax: Int
    ) throws(WireError) -> Envelope? {
        guard self.offset < self.body.count else { return nil }
        let begin = self.offset
        self.offset = self.body.count
        guard self.count < WireLimits.packMessages else {
            throw WireError(.pack, "more than \(WireLimits.packMessages) messages")
        }
        self.count += 1
        let body = self.body
        let extent = try body.withUnsafeBytes { bytes throws(WireError) in try Extent(bytes, from: begin) }
        self.offset = extent.end
        return try body.withUnsafeBytes { bytes throws(WireError) in
            let header = try Header(
                decoding: UnsafeRawBufferPointer(rebasing: bytes[extent.header..<extent.metadata]),
                remembering: &targets
            )
            return try Self.envelope(header, extent, in: body, bodySizeMax: bodySizeMax)
        }
    }

    /// Where the parts of a message begin, and where it ends.
    private struct Extent {
        let header: Int
        let metadata: Int
        let body: Int
        let end: Int

        init(_ bytes: UnsafeRawBufferPointer, from begin: Int) throws(WireError) {
            let left = bytes.count - begin
            guard left >= Pack.prefixSize else {
                throw WireError(.pack, "\(left) bytes are left, the sizes of a message have \(Pack.prefixSize)")
            }
            func size(at offset: Int) -> Int {
                Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: begin + offset, as: UInt32.self)))
            }
            self.header = begin + Pack.prefixSize
            self.metadata = self.header + size(at: 0)
            self.body = self.metadata + size(at: 4)
            // Three numbers of 32 bits: their sum is far from what overflows.
            self.end = self.body + size(at: 8)
            guard self.end <= bytes.count else {
                throw WireError(.pack, "a message ends \(self.end - bytes.count) bytes after the pack")
            }
        }
    }

    private static func envelope(
        _ header: consuming Header,
        _ extent: Extent,
        in body: Payload,
        bodySizeMax: Int
    ) throws(WireError) -> Envelope {
        guard Pack.takes(header.kind) else {
            throw WireError(.pack, "\(header.kind) travels alone")
        }
        let hasMetadata = header.flags.contains(.metadata)
        guard hasMetadata || extent.metadata == extent.body else {
            throw WireError(.pack, "metadata that the header does not announce")
        }
        return try Envelope(
            received: header,
            hasMetadata ? Metadata(body.part(extent.metadata..<extent.body)) : .none,
            body: body.part(extent.body..<extent.end),
            bodySizeMax: bodySizeMax
        )
    }
}
