import MessageBus
import WireProtocol

/// What happens in the simulated world.
enum Event {
    // The network.
    case toDispatcher(link: Int, Envelope)
    case toPeer(link: Int, Envelope)
    /// The dispatcher's side finds a connection gone.
    case linkEnded(link: Int)
    /// The peer's side does.
    case linkLost(link: Int)
    /// A peer's transport tries to connect.
    case open(party: Int, process: Int)
    case cut(link: Int, Notice)
    case undeliverable(Header, PeerID, incarnation: Int)

    // The dispatcher.
    case dispatcherTimer(incarnation: Int)
    case dispatcherResumes(incarnation: Int)
    case dispatcherStarts

    // The peers.
    case peerTimer(party: Int, process: Int)
    case peerResumes(party: Int, process: Int)
    case peerStarts(party: Int)
    case built(party: Int, process: Int, session: Int)
    case started(party: Int, process: Int, session: Int)
    case worked(party: Int, process: Int, handle: UInt64)
    case mustStop(party: Int, process: Int)
    case retire(party: Int, process: Int)

    // What hosts do.
    case call(party: Int)
    case giveUp(party: Int, process: Int, callID: UInt64)
    case leave(party: Int, process: Int, scope: String)
    /// A call should have been answered by now.
    case overdue(token: Int)

    // The run.
    case fault
    case calm
    case end

    /// The party that it happens to, with its process; nil for what needs no process to be there.
    var subject: (party: Int, process: Int)? {
        switch self {
        case .open(let party, let process), .peerTimer(let party, let process), .built(let party, let process, _),
            .started(let party, let process, _), .worked(let party, let process, _), .mustStop(let party, let process),
            .retire(let party, let process),
            .giveUp(let party, let process, _), .leave(let party, let process, _):
            (party, process)
        default: nil
        }
    }
}
