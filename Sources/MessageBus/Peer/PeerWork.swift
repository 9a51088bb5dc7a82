internal import WireProtocol

/// A step in the life of a peer's connection that the peer has to take itself.
struct PeerStep {
    enum Kind {
        case build(Welcome)
        case start(Registered)
        case refuse(Refusal)
    }

    let kind: Kind
    /// The session that the step belongs to: none is taken for a session that is over.
    let session: Int
}

/// A call to answer, with the handle to give back with the reply.
struct PeerAssignment {
    let call: InboundCall
    let handle: UInt64
}
