import MessageBus
import Synchronization
import WireProtocol

/// A ROUTER in the hands of a test: it keeps what comes, and answers by itself only what the test leaves to it.
final class RouterProbe: Sendable {
    enum Event: Sendable {
        case message(Envelope, PeerID)
        case malformed(WireError, PeerID)
        case sendFailed(MessageKind, PeerID, SendFailure)
        case connectionsChanged
    }

    private struct State {
        var outgoing: [(Envelope, PeerID)] = []
        var wakeUp: (@Sendable () -> Void)?
    }

    let events = EventLog<Event>()
    /// The kinds that are answered without the test: HELLO, REGISTER, PING, and CALLs to `echo`.
    let automatic: Set<MessageKind>
    let welcome: Welcome
    private let state = Mutex(State())

    init(
        answering automatic: Set<MessageKind> = [.hello, .register, .ping, .call],
        welcome: Welcome = Welcome(dispatcher: "probe")
    ) {
        self.automatic = automatic
        self.welcome = welcome
    }

    /// Makes the router's loop look for what is to be sent.
    var wakeUp: (@Sendable () -> Void)? {
        get { self.state.withLock { $0.wakeUp } }
        set { self.state.withLock { $0.wakeUp = newValue } }
    }

    func send(_ envelope: Envelope, to peer: PeerID) {
        self.state.withLock { $0.outgoing.append((envelope, peer)) }
        self.wakeUp?()
    }

    func call(_ target: String, id: UInt64, budget: UInt32 = 30_000, body: Payload = .empty, on peer: PeerID) {
        self.send(
            Envelope(Header(kind: .call, budgetMilliseconds: budget, callID: id, target: target), body: body),
            to: peer
        )
    }

    /// The next message of a kind.
    func message(_ kind: MessageKind) async throws -> (envelope: Envelope, peer: PeerID) {
        try await self.events.first { event -> (envelope: Envelope, peer: PeerID)? in
            guard case .message(let envelope, let peer) = event, envelope.header.kind == kind else { return nil }
            return (envelope, peer)
        }
    }

    fileprivate func takeOutgoing() -> [(Envelope, PeerID)] {
        self.state.withLock { state in
            defer { state.outgoing = [] }
            return state.outgoing
        }
    }
}

struct ProbeCore: RouterCore {
    let probe: RouterProbe

    var nextDeadline: MonotonicTime? { nil }

    mutating func receive(
        _ envelope: Envelope,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        if let answer = self.answer(to: envelope) { actions.append(.send(answer, to: peer)) }
        self.probe.events.append(.message(envelope, peer))
    }

    private func answer(to envelope: Envelope) -> Envelope? {
        let header = envelope.header
        guard self.probe.automatic.contains(header.kind) else { return nil }
        switch header.kind {
        case .hello:
            let readsPacks = header.flags.intersection(.packs)
            return Envelope(Header(kind: .welcome, flags: readsPacks), body: self.probe.welcome.encoded())
        case .register:
            let registered = Registered(epoch: 1, routes: [], callbacks: [])
            return Envelope(Header(kind: .registered), body: registered.encoded())
        case .ping:
            return Envelope(Header(kind: .pong, callID: header.callID))
        case .call where header.target == "echo":
            let reply = Header(kind: .reply, flags: MessageFlags(.answer), callID: header.callID)
            return Envelope(reply, body: envelope.body)
        default:
            return nil
        }
    }

    mutating func receiveMalformed(
        _ error: WireError,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.probe.events.append(.malformed(error, peer))
    }

    mutating func sendFailed(
        _ header: Header,
        to peer: PeerID,
        reason: SendFailure,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.probe.events.append(.sendFailed(header.kind, peer, reason))
    }

    mutating func connectionsChanged(at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.probe.events.append(.connectionsChanged)
    }

    mutating func advance(to now: MonotonicTime, into actions: inout [RouterAction]) {
        for (envelope, peer) in self.probe.takeOutgoing() {
            actions.append(.send(envelope, to: peer))
        }
    }

    mutating func stop(at now: MonotonicTime, into actions: inout [RouterAction]) {}
}
