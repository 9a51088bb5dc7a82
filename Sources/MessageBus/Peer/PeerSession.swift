internal import WireProtocol

/// The life of a peer's connection to the dispatcher, as a value: what the socket and the module do goes in, what to do comes out.
///
/// `docs/wire-protocol.md` §3 and §7 to §8. The session begins anew with every connection, so nothing that was said on an old one can be taken for
/// an answer on the new one; whoever works on an answer holds the session's ``number`` and is ignored when it is stale.
struct PeerSession {
    enum State: Equatable {
        /// No connection to the dispatcher.
        case disconnected
        /// `HELLO` has been sent.
        case greeting
        /// `WELCOME` came: the module builds itself.
        case building
        /// `REGISTER` has been sent.
        case registering
        /// `REGISTERED` came: the module starts up.
        case starting
        /// Calls, both ways.
        case ready
        /// The dispatcher does not want this peer.
        case refused
        /// No new calls come; those in flight are answered.
        case draining
        case stopped
    }

    enum Action: Equatable {
        case send(Envelope)
        /// Close the socket and open a new one.
        case reconnect
        /// Every call in flight, both ways, is lost.
        case dropCalls
        /// Calls may be made from here on.
        case becameReady
        case build(Welcome)
        case start(Registered)
        case refuse(Refusal)
        case updateTable(RoutingTableMessage)
        /// A `CALL`, `REPLY` or `CANCEL` for whoever tracks calls.
        case deliver(Envelope)
        case malformed(WireError)
    }

    let hello: Hello
    private(set) var state = State.disconnected
    /// Counts the connections; tells stale answers from fresh ones.
    private(set) var number = 0
    private var liveness: PeerLiveness?
    private var greetedAt: MonotonicTime?
    /// The version and limits agreed on, from `WELCOME` on.
    private(set) var welcome: Welcome?

    init(hello: Hello) {
        self.hello = hello
    }

    /// The time at which ``advance(to:)`` wants to be called.
    var nextDeadline: MonotonicTime? {
        self.liveness?.nextDeadline
    }

    /// Whether calls can be made.
    var isReady: Bool {
        self.state == .ready || self.state == .draining
    }
}

// MARK: - The socket

extension PeerSession {
    mutating func connected(at now: MonotonicTime) -> [Action] {
        guard self.state != .stopped else { return [] }
        let isDraining = self.state == .draining
        let lost = self.reset()
        return isDraining ? lost : lost + self.greet(at: now)
    }

    mutating func disconnected() -> [Action] {
        guard self.state != .stopped, self.state != .disconnected else { return [] }
        return self.reset()
    }

    /// Notes that something was sent, so that no `PING` is needed.
    mutating func sent(at now: MonotonicTime) {
        self.liveness?.sent(at: now)
    }

    mutating func advance(to now: MonotonicTime) -> [Action] {
        switch self.liveness?.advance(to: now) {
        case .ping: return [.send(Envelope(Header(kind: .ping)))]
        case .lost: return self.reset() + [.reconnect]
        case .unresponsive, nil: return []
        }
    }

    private mutating func greet(at now: MonotonicTime) -> [Action] {
        self.number += 1
        self.state = .greeting
        self.greetedAt = now
        self.welcome = nil
        self.liveness = PeerLiveness(
            intervalMilliseconds: self.hello.heartbeatMilliseconds,
            liveness: 3,
            now: now
        )
        return [.send(Envelope(Header(kind: .hello), body: self.hello.encoded()))]
    }

    private mutating func reset() -> [Action] {
        self.number += 1
        self.liveness = nil
        guard self.state != .disconnected else { return [] }
        self.state = .disconnected
        return [.dropCalls]
    }
}

// MARK: - Messages

extension PeerSession {
    mutating func receive(_ envelope: Envelope, at now: MonotonicTime) -> [Action] {
        guard self.state != .stopped, self.state != .disconnected else { return [] }
        self.liveness?.heard(at: now)
        switch envelope.header.kind {
        case .call, .reply, .cancel:
            return self.isReady ? [.deliver(envelope)] : []
        case .ping:
            return [.send(Envelope(Header(kind: .pong, callID: envelope.header.callID)))]
        case .pong, .drain:
            return []
        case .whoAreYou:
            return self.introduceAgain(at: now)
        case .bye:
            // The dispatcher ends; its successor will ask who we are, or the socket reconnects.
            return []
        case .welcome, .registered, .refused, .table:
            return self.receiveControl(envelope, at: now)
        case .hello, .register, .ready, .chunk, .credit:
            return [.malformed(WireError(.unknownKind, "\(envelope.header.kind) is not for a peer"))]
        }
    }

    private mutating func receiveControl(_ envelope: Envelope, at now: MonotonicTime) -> [Action] {
        do throws(WireError) {
            switch (envelope.header.kind, self.state) {
            case (.welcome, .greeting):
                return self.accept(try Welcome(decoding: envelope.body), at: now)
            case (.registered, .registering):
                self.state = .starting
                return [.start(try Registered(decoding: envelope.body))]
            case (.refused, .greeting), (.refused, .registering):
                self.state = .refused
                return [.refuse(try Refusal(decoding: envelope.body))]
            case (.table, .ready):
                return [.updateTable(try RoutingTableMessage(decoding: envelope.body))]
            default:
                return []
            }
        } catch {
            return [.malformed(error)]
        }
    }

    private mutating func accept(_ welcome: Welcome, at now: MonotonicTime) -> [Action] {
        self.welcome = welcome
        self.liveness = PeerLiveness(
            intervalMilliseconds: welcome.heartbeatMilliseconds,
            liveness: welcome.liveness,
            now: now
        )
        guard self.hello.role == .module else { return self.becomeReady() }
        self.state = .building
        return [.build(welcome)]
    }

    /// The dispatcher has forgotten this connection.
    ///
    /// One that has just said who it is need not say it twice.
    private mutating func introduceAgain(at now: MonotonicTime) -> [Action] {
        if self.state == .greeting, let greetedAt = self.greetedAt, now.millisecondsSince(greetedAt) < 100 { return [] }
        guard self.state != .draining else { return [] }
        return self.reset() + self.greet(at: now)
    }

    private mutating func becomeReady() -> [Action] {
        self.state = .ready
        return [.send(Envelope(Header(kind: .ready))), .becameReady]
    }
}

// MARK: - The module

extension PeerSession {
    /// The module has built itself.
    mutating func register(_ manifest: Manifest, inSession number: Int) -> [Action] {
        guard number == self.number, self.state == .building else { return [] }
        self.state = .registering
        return [.send(Envelope(Header(kind: .register), body: manifest.encoded()))]
    }

    /// The module has started up.
    mutating func ready(inSession number: Int) -> [Action] {
        guard number == self.number, self.state == .starting else { return [] }
        return self.becomeReady()
    }

    /// The module wants to end: no new calls.
    mutating func drain() -> [Action] {
        switch self.state {
        case .ready:
            self.state = .draining
            return [.send(Envelope(Header(kind: .drain)))]
        case .stopped:
            return []
        default:
            return []
        }
    }

    /// The last word of this connection.
    mutating func stop(_ farewell: Farewell) -> [Action] {
        guard self.state != .stopped else { return [] }
        let isConnected = self.state != .disconnected
        self.state = .stopped
        self.liveness = nil
        guard isConnected else { return [] }
        return [.send(Envelope(Header(kind: .bye), body: farewell.encoded())), .dropCalls]
    }
}
