public import Supervision
internal import WireProtocol

/// A connection as the ROUTER socket names it.
public struct Connection: Hashable, Sendable {
    public let routingID: [UInt8]

    public init(routingID: [UInt8]) {
        self.routingID = routingID
    }

    /// Whether ZeroMQ chose the name, as §1 demands: five bytes, the first of them zero.
    var isNamedByZeroMQ: Bool { self.routingID.count == 5 && self.routingID.first == 0 }
}

/// What happens to a session: all of it comes from the module or from the system that runs it.
public enum ConformanceEvent: Sendable {
    /// A message, frame by frame, without the routing id.
    case frames([[UInt8]], from: Connection)
    /// The module's process has ended, and nobody had killed it.
    case ended(ProcessExit)
    /// The module's process could not be started.
    case notStarted(String)
    /// A line of the module's log.
    case wrote(String)
}

/// What a session wants done.
public enum ConformanceAction: Hashable, Sendable {
    /// The dispatcher's socket is there from now on.
    case bind
    /// The dispatcher's socket goes away, with all connections.
    case unbind
    case send([[UInt8]], to: Connection)
    /// Starts the module's process.
    case start
    /// Ends the module's process by force; no event comes of it.
    case kill
    case signal(Int32)
    /// Ends the module's standard input, its lifeline.
    case closeInput
}

/// What a check sees of the module.
enum Observation: Sendable {
    case message(Envelope, from: Connection)
    case malformed(WireError, from: Connection)
    /// A process that had said who it is says now that it is another.
    case changedIncarnation(from: String, to: String)
    /// A reply to a call that was never made, or that has had its reply.
    case unaskedReply(UInt64)
    case ended(ProcessExit)
    case notStarted(String)
}

extension Observation: CustomStringConvertible {
    /// What it was, short enough to stand in a row with others.
    var description: String {
        switch self {
        case .message(let envelope, _): Self.text(envelope)
        case .malformed(let error, _): "a malformed message (\(error.message))"
        case .changedIncarnation(_, let incarnation): "HELLO with the incarnation \(incarnation)"
        case .unaskedReply(let id): "a REPLY to call \(id) that nobody waits for"
        case .ended(let exit): "the process \(exit)"
        case .notStarted(let reason): reason
        }
    }

    private static func text(_ envelope: Envelope) -> String {
        let header = envelope.header
        switch header.kind {
        case .reply: return "REPLY to call \(header.callID) (\(header.flags.status.name))"
        case .call: return "CALL \(header.target)"
        case .ping, .pong, .cancel: return "\(header.kind.name) \(header.callID)"
        default: return header.kind.name
        }
    }
}

extension MessageKind {
    /// The kind as `docs/wire-protocol.md` §2.2 writes it.
    var name: String {
        switch self {
        case .whoAreYou: "WHO_ARE_YOU"
        default: "\(self)".uppercased()
        }
    }
}

extension ReplyStatus {
    var name: String { "\(self)" }
}
