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
    case frames([[UInt8]])

    static func control(_ kind: MessageKind, callID: UInt64 = 0, body: Payload = .empty) -> Self {
        .message(Envelope(Header(kind: kind, callID: callID), body: body))
    }

    /// The call that it makes, if it makes one.
    var calledID: UInt64? {
        guard case .message(let envelope) = self, envelope.header.kind == .call else { return nil }
        return envelope.header.callID
    }

    /// The frames as they go over the wire.
    var frames: [[UInt8]] {
        switch self {
        case .frames(let frames): frames
        case .message(let envelope):
            [envelope.header.encoded()] + (envelope.metadata.map { [$0.bytes] } ?? []) + [envelope.body.bytes]
        }
    }
}
