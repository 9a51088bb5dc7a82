/// A whole message: its header, the metadata if there is any, and the body.
public struct Envelope: Equatable, Sendable {
    /// The header; its ``MessageFlags/metadata`` flag always agrees with ``metadata``.
    public let header: Header
    /// The metadata as they are handed on.
    public let heldMetadata: Metadata
    @inlinable public var body: Payload { self.heldBody }
    @usableFromInline var heldBody: Payload

    @inlinable public var metadata: Payload? { self.heldMetadata.payload }

    /// Puts a message together and sets the header's metadata flag to fit.
    @inlinable
    public init(_ header: consuming Header, metadata: consuming Payload? = nil, body: consuming Payload = .empty) {
        self.init(header, Metadata(metadata), body: body)
    }

    /// Puts a message together with metadata that was taken from another.
    @inlinable
    public init(_ header: consuming Header, _ metadata: consuming Metadata, body: consuming Payload) {
        if metadata.isPresent {
            header.flags.insert(.metadata)
        } else {
            header.flags.remove(.metadata)
        }
        self.header = header
        self.heldMetadata = metadata
        self.heldBody = body
    }
}

extension Envelope {
    /// Takes the body out: whoever has it alone can send it on without a count of those who share it.
    public mutating func takeBody() -> Payload {
        var body = Payload.empty
        swap(&body, &self.heldBody)
        return body
    }

    /// The bytes of all its frames.
    public var encodedSize: Int {
        self.header.encodedSize + self.heldMetadata.count + self.body.count
    }

    /// Puts a received message together from its frames, without the routing id.
    ///
    /// - Parameters:
    ///   - header: The decoded first frame.
    ///   - second: The frame after it, if there is one.
    ///   - third: The frame after that, if there is one.
    ///   - frameCount: How many frames there were in all; 4 for more than any message has.
    ///   - bodySizeMax: The longest body to accept for calls and replies, in bytes.
    /// - Throws: ``WireError`` when the frames are not those the header announces or are over a bound.
    public init(
        received header: consuming Header,
        second: consuming Payload?,
        third: consuming Payload?,
        frameCount: Int,
        bodySizeMax: Int
    ) throws(WireError) {
        let hasMetadata = header.flags.contains(.metadata)
        let announced = hasMetadata ? 3 : 2
        guard frameCount == announced, let body = hasMetadata ? third : second else {
            let count = frameCount > 3 ? "more than 3" : "\(frameCount)"
            throw WireError(.frameCount, "\(count) frames, the header announces \(announced)")
        }
        try self.init(received: header, Metadata(hasMetadata ? second : nil), body: body, bodySizeMax: bodySizeMax)
    }

    /// Puts a received message together from its parts.
    ///
    /// - Parameters:
    ///   - header: The decoded header, which announces metadata where there is any, and only there.
    ///   - metadata: The metadata.
    ///   - body: The body.
    ///   - bodySizeMax: The longest body to accept for calls and replies, in bytes.
    /// - Throws: ``WireError`` when a part is over its bound.
    @inlinable
    public init(
        received header: consuming Header,
        _ metadata: consuming Metadata,
        body: consuming Payload,
        bodySizeMax: Int
    ) throws(WireError) {
        let limit = header.kind.bodySizeMax ?? bodySizeMax
        guard metadata.count <= WireLimits.metadataSize, body.count <= limit else {
            throw Self.tooLong(metadata.count, body.count, limit)
        }
        self.init(header, metadata, body: body)
    }

    @usableFromInline
    static func tooLong(_ metadataCount: Int, _ bodyCount: Int, _ limit: Int) -> WireError {
        guard metadataCount <= WireLimits.metadataSize else {
            return WireError(
                .metadataTooLong,
                "\(metadataCount) bytes, metadata has at most \(WireLimits.metadataSize)"
            )
        }
        return WireError(.bodyTooLong, "\(bodyCount) bytes, the body has at most \(limit)")
    }
}

extension MessageKind {
    /// The longest body of this kind; nil where the body belongs to the callers, and the operator has set the bound.
    @usableFromInline
    var bodySizeMax: Int? {
        switch self {
        case .call, .reply, .chunk: nil
        case .registered, .refused, .table: WireLimits.tableBodySize
        case .pack: WireLimits.packSize
        default: WireLimits.controlBodySize
        }
    }
}
