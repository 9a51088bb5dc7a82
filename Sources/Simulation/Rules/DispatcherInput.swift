import MessageBus
import WireProtocol

/// What a dispatcher's shell tells its core.
enum DispatcherInput {
    case receive(Envelope, from: PeerID)
    case malformed(PeerID)
    case failed(Header, to: PeerID, SendFailure)
    case connectionsChanged
    case advance
    case stop

    /// The peer that begins anew, or goes, with this input.
    var leaver: PeerID? {
        switch self {
        case .receive(let envelope, let peer):
            envelope.header.kind == .hello || envelope.header.kind == .bye ? peer : nil
        case .failed(_, let peer, .unreachable): peer
        default: nil
        }
    }

    func message(_ kind: MessageKind) -> (envelope: Envelope, peer: PeerID)? {
        guard case .receive(let envelope, let peer) = self, envelope.header.kind == kind else { return nil }
        return (envelope, peer)
    }
}
