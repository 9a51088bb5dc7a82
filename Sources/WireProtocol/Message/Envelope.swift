/// A whole message: its header, the metadata if there is any, and the body.
public struct Envelope: Equatable, Sendable {
    /// The header; its ``MessageFlags/metadata`` flag always agrees with ``metadata``.
    public private(set) var header: Header
    public let metadata: Payload?
    public let body: Payload

    /// Puts a message together and sets the header's metadata flag to fit.
    public init(_ header: Header, metadata: Payload? = nil, body: Payload = .empty) {
        self.header = header
        if metadata == nil {
            self.header.flags.remove(.metadata)
        } else {
            self.header.flags.insert(.metadata)
        }
        self.metadata = metadata
        self.body = body
    }
}

extension Envelope {
    /// Puts a received message together from its frames, without the routing id.
    ///
    /// - Parameters:
    ///   - header: The decoded first frame.
    ///   - rest: The frames after it.
    ///   - bodySizeMax: The longest body to accept for calls and replies, in bytes.
    /// - Throws: ``WireError`` when the frames are not those the header announces or are over a bound.
    public init(received header: Header, rest: [Payload], bodySizeMax: Int) throws(WireError) {
        let announced = header.flags.contains(.metadata) ? 2 : 1
        guard rest.count == announced, let body = rest.last else {
            throw WireError(.frameCount, "\(rest.count + 1) frames, the header announces \(announced + 1)")
        }
        let metadata = announced == 2 ? rest[0] : nil
        if let metadata, metadata.count > WireLimits.metadataSize {
            throw WireError(
                .metadataTooLong,
                "\(metadata.count) bytes, metadata has at most \(WireLimits.metadataSize)"
            )
        }
        let limit = header.kind.carriesOpaqueBody ? bodySizeMax : WireLimits.controlBodySize
        guard body.count <= limit else {
            throw WireError(.bodyTooLong, "\(body.count) bytes, the body has at most \(limit)")
        }
        self.init(header, metadata: metadata, body: body)
    }
}

extension MessageKind {
    /// Whether the body belongs to the callers and is not read on the way.
    var carriesOpaqueBody: Bool {
        switch self {
        case .call, .reply, .chunk: true
        default: false
        }
    }
}
