import WireProtocol

@testable import MessageBus

/// A session and the short words that its tests are written in.
struct PeerSessionScript {
    var session: PeerSession
    var now: UInt64 = 1000

    init(_ role: Hello.Role = .module) {
        self.session = PeerSession(
            hello: Hello(id: "peer", role: role, version: "1", incarnation: "x", heartbeatMilliseconds: 1000)
        )
    }

    static let welcome = Welcome(dispatcher: "d")
    static let registered = Registered(epoch: 1, routes: [], callbacks: [])
    static let refusal = Refusal(reasons: [Remark(code: "limit", message: "")])
    static let table = RoutingTableMessage(epoch: 1, modules: [], waitingFor: [], routes: [])

    mutating func connected() -> [PeerSession.Action] { self.session.connected(at: .at(self.now)) }

    mutating func receive(
        _ kind: MessageKind,
        body: Payload = .empty,
        callID: UInt64 = 0
    ) -> [PeerSession.Action] {
        self.session.receive(Envelope(Header(kind: kind, callID: callID), body: body), at: .at(self.now))
    }

    mutating func welcome() -> [PeerSession.Action] { self.receive(.welcome, body: Self.welcome.encoded()) }

    mutating func register() -> [PeerSession.Action] {
        self.session.register(Manifest(), inSession: self.session.number, at: .at(self.now))
    }

    mutating func registered() -> [PeerSession.Action] { self.receive(.registered, body: Self.registered.encoded()) }
    mutating func refused() -> [PeerSession.Action] { self.receive(.refused, body: Self.refusal.encoded()) }
    mutating func ready() -> [PeerSession.Action] { self.session.ready(inSession: self.session.number) }

    mutating func advance(by milliseconds: UInt64) -> [PeerSession.Action] {
        self.now += milliseconds
        return self.session.advance(to: .at(self.now))
    }

    /// Goes on until a state is reached, the usual way.
    static func at(_ state: PeerSession.State) -> PeerSessionScript {
        var script = PeerSessionScript()
        if state == .disconnected { return script }
        _ = script.connected()
        if state == .greeting { return script }
        if state == .refused {
            _ = script.refused()
            return script
        }
        _ = script.welcome()
        if state == .building { return script }
        _ = script.register()
        if state == .registering { return script }
        _ = script.registered()
        if state == .starting { return script }
        _ = script.ready()
        if state == .ready { return script }
        if state == .withdrawn {
            _ = script.refused()
            return script
        }
        if state == .stopped {
            _ = script.session.stop(Farewell(reason: .shutdown))
            return script
        }
        _ = script.session.drain()
        if state == .draining { return script }
        _ = script.receive(.pong, callID: PeerSession.drainPing)
        return script
    }
}

extension PeerSession.State {
    static let all: [PeerSession.State] = [
        .disconnected, .greeting, .building, .registering, .starting, .ready, .refused, .withdrawn, .draining, .drained,
        .stopped,
    ]
}

extension PeerSession.Action {
    /// The kind of the message that is sent.
    var sent: MessageKind? {
        guard case .send(let envelope) = self else { return nil }
        return envelope.header.kind
    }
}
