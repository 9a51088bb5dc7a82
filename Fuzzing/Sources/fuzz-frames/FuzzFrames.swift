import WireProtocol

/// Any two frames give a message or an error, and what can be read is written as it was.
///
/// The first byte says how many of the others are the header; the rest is the body.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: data, count: count)
    guard let first = bytes.first else { return 0 }
    let split = min(count, 1 + Int(first))
    let frame = UnsafeRawBufferPointer(rebasing: bytes[1..<split])
    let body = Payload(copying: UnsafeRawBufferPointer(rebasing: bytes[split...]))
    guard let header = try? Header(decoding: frame) else { return 0 }
    precondition(header.encoded() == [UInt8](frame), "A header is written otherwise than it was read.")
    check(body, of: header)
    return 0
}

private func check(_ body: Payload, of header: Header) {
    let hasMetadata = header.flags.contains(.metadata)
    let envelope = try? Envelope(
        received: header,
        second: body,
        third: hasMetadata ? body : nil,
        frameCount: hasMetadata ? 3 : 2,
        bodySizeMax: WireLimits.defaultBodySize
    )
    guard let envelope else { return }
    precondition(envelope.header == header, "A message has another header than its frame.")
    if header.kind == .pack { unpack(envelope) } else { read(body, of: header.kind) }
    if hasMetadata {
        _ = try? WebRequestMetadata(decoding: body)
        _ = try? WebResponseMetadata(decoding: body)
    }
}

/// Takes the messages out of a pack: those that could be read make the beginning of the same pack.
private func unpack(_ pack: Envelope) {
    guard var reader = try? PackReader(pack) else { return }
    var targets = TargetMemo()
    var packed: [UInt8] = []
    while let letter = (try? reader.next(remembering: &targets, bodySizeMax: WireLimits.defaultBodySize)) ?? nil {
        packed += Pack.encoded([letter])
        read(letter.body, of: letter.header.kind)
    }
    precondition(pack.body.bytes.starts(with: packed), "A pack is written otherwise than it was read.")
}

/// Reads a body as what its kind says it is; whatever that is, writing and reading it again changes nothing.
private func read(_ body: Payload, of kind: MessageKind) {
    switch kind {
    case .hello: survive(Hello.self, body)
    case .welcome: survive(Welcome.self, body)
    case .register: survive(Manifest.self, body)
    case .registered: survive(Registered.self, body)
    case .refused: survive(Refusal.self, body)
    case .bye: survive(Farewell.self, body)
    case .table: survive(RoutingTableMessage.self, body)
    default: _ = try? BusFault(decoding: body)
    }
}

private func survive<Body: ControlBody>(_ type: Body.Type, _ body: Payload) {
    guard let value = try? Body(decoding: body) else { return }
    let written = value.encoded()
    let again = try? Body(decoding: written)
    precondition(again?.encoded() == written, "\(type) is read otherwise than it was written.")
}
