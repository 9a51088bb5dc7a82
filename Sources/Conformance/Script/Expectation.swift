internal import Supervision
internal import WireProtocol

/// What one observation means for an expectation.
enum Judgement: Hashable, Sendable {
    /// Nothing: it is passed over.
    case other
    /// It is what was expected, with what there is to say about it.
    case met(String? = nil)
    /// The check ends well here, whatever was still to come.
    case settled(String)
    /// The rule is broken.
    case broken(String)
}

/// Something that the module has to do.
struct Expectation: Sendable {
    /// What is expected, for a person.
    let what: String
    let judge: @Sendable (Observation) -> Judgement

    init(_ what: String, judge: @escaping @Sendable (Observation) -> Judgement) {
        self.what = what
        self.judge = judge
    }
}

extension Expectation {
    /// A message of one kind, which a rule may have more to say about.
    static func message(
        _ kind: MessageKind,
        _ what: String,
        _ judge: @escaping @Sendable (Envelope, Connection) -> Judgement = { _, _ in .met() }
    ) -> Self {
        Self(what) { observation in
            guard case .message(let envelope, let connection) = observation, envelope.header.kind == kind else {
                return .other
            }
            return judge(envelope, connection)
        }
    }

    static func pong(_ id: UInt64) -> Self {
        .message(.pong, "PONG with the call id \(id) of the PING") { envelope, _ in
            envelope.header.callID == id ? .met() : .other
        }
    }

    /// The end of the process, of its own accord and with status 0.
    static let exit = Self("the process ends with status 0") { observation in
        guard case .ended(let exit) = observation else { return .other }
        return exit == .status(0) ? .met() : .broken("the process \(exit)")
    }
}
