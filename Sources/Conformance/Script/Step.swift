internal import WireProtocol

/// One thing that a check does, or waits for.
enum Step: Sendable {
    /// Starts the module anew; one that runs is ended by force.
    case start
    /// The dispatcher behaves like this from here on, until the check is over.
    case conduct(Conduct)
    /// Messages to the module, in one go.
    case send([Outgoing])
    /// Waits until all of it has come, in whatever order.
    case expect([Expectation], within: Duration)
    /// Lets time pass, in which the module may do only so much.
    case watch(Duration, Limit? = nil)
    case signal(Int32)
    case closeInput
    case bind
    case unbind

    static func expect(_ expectation: Expectation, within time: Duration) -> Self {
        .expect([expectation], within: time)
    }
}

/// How often something may be seen while a check watches.
struct Limit: Sendable {
    let what: String
    let countMax: Int
    /// `other` for what does not count, `met` for what does.
    let judge: @Sendable (Observation) -> Judgement
}

/// A message to the module, or what looks like one.
enum Outgoing: Sendable {
    case message(Envelope)
    /// Several messages in one.
    case pack([Envelope])
    /// Frames as they are, and the calls that a module can read in them.
    case frames([[UInt8]], calling: [UInt64] = [])

    static func control(_ kind: MessageKind, callID: UInt64 = 0, body: Payload = .empty) -> Self {
        .message(Envelope(Header(kind: kind, callID: callID), body: body))
    }

    /// The calls that it makes.
    var calledIDs: [UInt64] {
        switch self {
        case .message(let envelope): envelope.header.kind == .call ? [envelope.header.callID] : []
        case .pack(let envelopes): envelopes.filter { $0.header.kind == .call }.map(\.header.callID)
        case .frames(_, let calls): calls
        }
    }

    /// The frames as they go over the wire.
    var frames: [[UInt8]] {
        switch self {
        case .frames(let frames, _): frames
        case .pack(let envelopes): [Header(kind: .pack).encoded(), Pack.encoded(envelopes)]
        case .message(let envelope):
            [envelope.header.encoded()] + (envelope.metadata.map { [$0.bytes] } ?? []) + [envelope.body.bytes]
        }
    }
}
