internal import MessageBus

/// A connection that has said hello.
struct CachePeer: Sendable {
    var name: String
    var liveness: PeerLiveness
    /// It is told of invalidations.
    var isReady = false
    /// What it sent that was no message, since it said hello.
    var malformed = 0
}
