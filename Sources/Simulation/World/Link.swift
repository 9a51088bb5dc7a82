import MessageBus
import WireProtocol

/// One connection between a peer and the dispatcher: each way keeps the order, and both may break.
struct Link {
    let peer: PeerID
    /// Whose it is; -1 for a stranger's.
    let party: Int
    /// When the newest message arrives, each way.
    var lastUp: MonotonicTime
    var lastDown: MonotonicTime
    /// Whether what is still on its way arrives nowhere.
    var isCutUp = false
    var isCutDown = false
    var isOpenAtPeer = true
    var isOpenAtDispatcher = true
    /// Until when it takes no more messages to the peer.
    var congestedUntil = MonotonicTime(nanoseconds: 0)
    /// What the peer said last: a connection that replaces this one may say it again.
    var tail: [Envelope] = []

    static let tailMax = 4
}
