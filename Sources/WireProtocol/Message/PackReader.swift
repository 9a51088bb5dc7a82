/// Takes the messages out of a `PACK`, one after the other.
public struct PackReader: Sendable {
    private let body: Payload
    private var offset = 0

    /// - Parameter pack: A message of the kind `PACK`.
    /// - Throws: ``WireError`` when it has metadata.
    public init(_ pack: Envelope) throws(WireError) {
        guard pack.metadata == nil else { throw WireError(.pack, "a pack has no metadata") }
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
    /// - Throws: ``WireError`` when the bytes are no message; then there is nothing more to read.
    public mutating func next(
        remembering targets: inout TargetMemo,
        bodySizeMax: Int
    ) throws(WireError) -> Envelope? {
        guard self.offset < self.body.count else { return nil }
        let begin = self.offset
        // Whatever is wrong, nobody can say where the next message would begin.
        self.offset = self.body.count
        let body = self.body
        let (envelope, end) = try body.withUnsafeBytes { bytes throws(WireError) in
            try Self.read(bytes, from: begin, in: body, remembering: &targets, bodySizeMax: bodySizeMax)
        }
        self.offset = end
        return envelope
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer,
        from begin: Int,
        in body: Payload,
        remembering targets: inout TargetMemo,
        bodySizeMax: Int
    ) throws(WireError) -> (Envelope, end: Int) {
        guard bytes.count - begin >= Pack.prefixSize else {
            throw WireError(
                .pack,
                "\(bytes.count - begin) bytes are left, the sizes of a message have \(Pack.prefixSize)"
            )
        }
        func size(at offset: Int) -> Int {
            Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: begin + offset, as: UInt32.self)))
        }
        let headerStart = begin + Pack.prefixSize
        let metadataStart = headerStart + size(at: 0)
        let bodyStart = metadataStart + size(at: 4)
        // Three numbers of 32 bits: their sum is far from what overflows.
        let end = bodyStart + size(at: 8)
        guard end <= bytes.count else {
            throw WireError(.pack, "a message ends \(end - bytes.count) bytes after the pack")
        }
        let header = try Header(
            decoding: UnsafeRawBufferPointer(rebasing: bytes[headerStart..<metadataStart]),
            remembering: &targets
        )
        guard Pack.takes(header.kind) else {
            throw WireError(.pack, "\(header.kind) travels alone")
        }
        let hasMetadata = header.flags.contains(.metadata)
        guard hasMetadata || metadataStart == bodyStart else {
            throw WireError(.pack, "metadata that the header does not announce")
        }
        let envelope = try Envelope(
            received: header,
            second: body.part(hasMetadata ? metadataStart..<bodyStart : bodyStart..<end),
            third: hasMetadata ? body.part(bodyStart..<end) : nil,
            frameCount: hasMetadata ? 3 : 2,
            bodySizeMax: bodySizeMax
        )
        return (envelope, end)
    }
}
