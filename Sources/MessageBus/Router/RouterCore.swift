public import Logging
public import WireProtocol

/// The decisions of a process that binds a ROUTER: messages and time go in, actions come out.
///
/// A core is a value without sockets, clock, tasks or randomness. ``RouterService`` owns it on the poll loop's thread; a simulation
/// drives it with virtual time.
public protocol RouterCore {
    /// Takes a well-formed message from a connection.
    mutating func receive(
        _ envelope: consuming Envelope,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    )

    /// Learns that a connection sent what is not a message.
    mutating func receiveMalformed(
        _ error: WireError,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    )

    /// Learns that a message of an earlier ``RouterAction/send(_:to:)`` did not leave.
    ///
    /// Of a connection that is gone it learns after what came from it before.
    mutating func sendFailed(
        _ header: Header,
        to peer: PeerID,
        reason: SendFailure,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    )

    /// Learns that some connection ended; libzmq does not say which. Sending to each finds out.
    mutating func connectionsChanged(at now: MonotonicTime, into actions: inout [RouterAction])

    /// Does what is due.
    mutating func advance(to now: MonotonicTime, into actions: inout [RouterAction])

    /// Says goodbye: the process is about to end.
    mutating func stop(at now: MonotonicTime, into actions: inout [RouterAction])

    /// When ``advance(to:into:)`` wants to be called next; `nil` for never.
    ///
    /// `mutating`, though it changes nothing: a plain getter copies the whole core out of the object that holds it, before every wait.
    var nextDeadline: MonotonicTime? { mutating get }
}

/// What a ``RouterCore`` wants done.
public enum RouterAction: Sendable {
    case send(Envelope, to: PeerID)
    case log(Logger.Level, Logger.Message, Logger.Metadata)
    /// Nothing: what stands in a list where an action was taken out.
    case nothing
}

/// Why a message did not leave.
public enum SendFailure: Hashable, Sendable {
    /// The connection is gone.
    case unreachable
    /// The connection takes no more: its peer does not read.
    case congested
}
