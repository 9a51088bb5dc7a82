/// Something that happened to one of a socket's connections.
public struct SocketEvent: Hashable, Sendable {
    /// What happened.
    ///
    /// Numbers are `errno` values unless said otherwise.
    public enum Kind: Hashable, Sendable {
        /// Bound and accepting connections.
        case listening
        case bindFailed(errno: Int)
        /// A peer's connection was accepted; it has not introduced itself yet.
        case accepted
        case acceptFailed(errno: Int)
        /// Connected to the peer, which has not introduced itself yet.
        case connected
        case connectDelayed
        /// The next attempt to connect comes after this time.
        case connectRetried(after: Duration)
        /// The peer can be talked to from here on.
        case handshakeSucceeded
        case handshakeFailed(HandshakeFailure)
        case closed
        case closeFailed(errno: Int)
        /// The connection was lost, or the peer broke the rules.
        case disconnected
        /// The last event: the socket was closed or is not watched any more.
        case monitorStopped
    }

    /// Why a connection never came about.
    public enum HandshakeFailure: Hashable, Sendable {
        /// The connection broke or took too long.
        case system(errno: Int)
        /// The peer broke the rules of ZMTP; the number is libzmq's `ZMQ_PROTOCOL_ERROR_…`.
        case violation(Int)
        /// The authentication handler refused it, with this status (300 to 500).
        case refused(status: Int)
    }

    public let kind: Kind
    /// The endpoint of the connection, as libzmq writes it.
    public let endpoint: String
}
