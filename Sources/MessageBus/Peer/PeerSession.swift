package import WireProtocol

/// The life of a peer's connection to the dispatcher, as a value: what the socket and the module do goes in, what to do comes out.
///
/// `docs/wire-protocol.md` §3 and §7 to §8. The session begins anew with every connection, so nothing that was said on an old one can be taken for
/// an answer on the new one; whoever works on an answer holds the session's ``number`` and is ignored when it is stale.
package struct PeerSession {
    /// How long the dispatcher may take to answer `HELLO` and `REGISTER`, which cost it nothing but a look at its tables.
    static let answerMilliseconds: UInt32 = 5000
    /// After a refused `HELLO` the next is said no sooner than this; each further refusal doubles it, up to ``refusalPauseMax``.
    static let refusalPause: UInt32 = 1000
    static let refusalPauseMax: UInt32 = 30_000
    /// The id of the `PING` that follows a `DRAIN`; others have 0.
    package static let drainPing: UInt64 = 1

    package enum State: Equatable {
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
        /// What was registered has been withdrawn: no new calls either way, and those in flight are answered.
        case withdrawn
        /// `DRAIN` has been sent: no new calls come soon, and those in flight are answered.
        case draining
        /// The dispatcher has seen the `DRAIN`: no call is on its way any more.
        case drained
        case stopped
    }

    package enum Action: Equatable {
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
        /// An `INVALIDATE` for whoever keeps a cache.
        case push(Envelope)
        case malformed(WireError)
    }

    package let hello: Hello
    package private(set) var state = State.disconnected
    /// Counts the connections; tells stale answers from fresh ones.
    package private(set) var number = 0
    private var liveness: PeerLiveness?
    private var greetedAt: MonotonicTime?
    /// When the dispatcher is to have answered `HELLO` or `REGISTER`.
    ///
    /// Heartbeats alone would not do: a dispatcher that lost our `HELLO` goes on answering them for ever.
    private var answerDue: MonotonicTime?
    /// The last refusal since the last `WELCOME`: only another one is news.
    private var lastRefusal: Refusal?
    /// How many times `HELLO` has been refused since the last `WELCOME`.
    private var refusedHellos = 0
    /// When a peer whose `HELLO` was refused may say it again.
    private var greetAgainAt: MonotonicTime?
    /// The version and limits agreed on, from `WELCOME` on.
    package private(set) var welcome: Welcome?
    /// Whether the other side reads `PACK`, as its `WELCOME` said.
    package private(set) var readsPacks = false
    /// What every `READY` says.
    private var readiness = Readiness()

    package init(hello: Hello) {
        self.hello = hello
    }

    /// The time at which ``advance(to:)`` wants to be called.
    package var nextDeadline: MonotonicTime? {
        guard let due = self.answerDue else { return self.liveness?.nextDeadline }
        return self.liveness?.nextDeadline.map { min($0, due) } ?? due
    }

    /// Whether calls can be made.
    package var isReady: Bool {
        switch self.state {
        case .ready, .draining, .drained: true
        default: false
        }
    }
}

// MARK: - The socket

extension PeerSession {
    package mutating func connected(at now: MonotonicTime) -> [Action] {
        guard self.state != .stopped else { return [] }
        let isLeaving = self.state == .draining || self.state == .drained
        let lost = self.reset()
        return isLeaving ? lost : lost + self.greet(at: now)
    }

    package mutating func disconnected() -> [Action] {
        guard self.state != .stopped, self.state != .disconnected else { return [] }
        return self.reset()
    }

    /// Notes that something was sent, so that no `PING` is needed.
    package mutating func sent(at now: MonotonicTime) {
        self.liveness?.sent(at: now)
    }

    package mutating func advance(to now: MonotonicTime) -> [Action] {
        if let due = self.answerDue, now >= due { return self.reset() + [.reconnect] }
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
        self.answerDue = now.adding(milliseconds: Self.answerMilliseconds)
        self.welcome = nil
        self.readsPacks = false
        self.greetAgainAt = nil
        self.liveness = PeerLiveness(
            intervalMilliseconds: self.hello.heartbeatMilliseconds,
            liveness: 3,
            now: now
        )
        return [.send(Envelope(Header(kind: .hello, flags: .packs), body: self.hello.encoded()))]
    }

    private mutating func reset() -> [Action] {
        self.number += 1
        self.liveness = nil
        self.answerDue = nil
        guard self.state != .disconnected else { return [] }
        self.state = .disconnected
        return [.dropCalls]
    }
}

// MARK: - Messages

extension PeerSession {
    /// Whether a `CALL`, `REPLY` or `CANCEL` that came now is for whoever tracks calls.
    ///
    /// The way of most messages, so it makes no list of actions.
    package mutating func admitCall(at now: MonotonicTime) -> Bool {
        guard self.isReady || self.state == .withdrawn else { return false }
        self.liveness?.heard(at: now)
        return true
    }

    package mutating func receive(_ envelope: Envelope, at now: MonotonicTime) -> [Action] {
        guard self.state != .stopped, self.state != .disconnected else { return [] }
        self.liveness?.heard(at: now)
        switch envelope.header.kind {
        case .call, .reply, .cancel:
            // They have a way of their own: `admitCall`. What comes before this side is ready is meant for an earlier connection.
            return []
        case .invalidate:
            return self.isReady ? [.push(envelope)] : []
        case .ping:
            return [.send(Envelope(Header(kind: .pong, callID: envelope.header.callID)))]
        case .pong:
            if self.state == .draining, envelope.header.callID == Self.drainPing { self.state = .drained }
            return []
        case .drain:
            return []
        case .whoAreYou:
            return self.introduceAgain(at: now)
        case .bye:
            // The dispatcher ends; its successor will ask who we are, or the socket reconnects.
            return []
        case .welcome, .registered, .refused, .table:
            return self.receiveControl(envelope, at: now)
        case .hello, .register, .ready, .chunk, .credit, .pack:
            // The transport opens packs: here they do not come.
            return [.malformed(WireError(.unknownKind, "\(envelope.header.kind) is not for a peer"))]
        }
    }

    private mutating func receiveControl(_ envelope: Envelope, at now: MonotonicTime) -> [Action] {
        do throws(WireError) {
            switch (envelope.header.kind, self.state) {
            case (.welcome, .greeting),
                (.welcome, .refused) where self.greetAgainAt != nil:
                // What was refused may have been said before `HELLO`: the refusal has crossed it.
                let welcome = try Welcome(decoding: envelope.body)
                self.readsPacks = envelope.header.flags.contains(.packs)
                return try self.accept(welcome, at: now)
            case (.registered, .registering):
                return self.answered([.start(try Registered(decoding: envelope.body))], .starting)
            case (.refused, .greeting):
                let refusal = try Refusal(decoding: envelope.body)
                self.postponeHello(at: now)
                return self.answered(self.news(refusal), .refused)
            case (.refused, .registering):
                return self.answered(self.news(try Refusal(decoding: envelope.body)), .refused)
            case (.refused, .starting), (.refused, .ready):
                // A module before this one in the configuration has registered what only one may have.
                return self.answered(self.news(try Refusal(decoding: envelope.body)), .withdrawn)
            case (.table, .ready):
                return [.updateTable(try RoutingTableMessage(decoding: envelope.body))]
            default:
                return []
            }
        } catch {
            return [.malformed(error)]
        }
    }

    private mutating func news(_ refusal: Refusal) -> [Action] {
        guard refusal != self.lastRefusal else { return [] }
        self.lastRefusal = refusal
        return [.refuse(refusal)]
    }

    private mutating func postponeHello(at now: MonotonicTime) {
        let pause = min(Self.refusalPause << min(self.refusedHellos, 16), Self.refusalPauseMax)
        self.refusedHellos += 1
        self.greetAgainAt = now.adding(milliseconds: pause)
    }

    private mutating func answered(_ actions: [Action], _ state: State) -> [Action] {
        self.state = state
        self.answerDue = nil
        return actions
    }

    private mutating func accept(_ welcome: Welcome, at now: MonotonicTime) throws(WireError) -> [Action] {
        guard self.hello.protocolRange.contains(welcome.protocolVersion) else {
            throw WireError(.unsupportedVersion, "the dispatcher chose version \(welcome.protocolVersion)")
        }
        self.welcome = welcome
        self.lastRefusal = nil
        self.refusedHellos = 0
        self.greetAgainAt = nil
        self.liveness = PeerLiveness(
            intervalMilliseconds: welcome.heartbeatMilliseconds,
            liveness: welcome.liveness,
            now: now
        )
        guard self.hello.role == .module else { return self.becomeReady() }
        return self.answered([.build(welcome)], .building)
    }

    /// The dispatcher has forgotten this connection.
    ///
    /// One that has just said who it is need not say it twice.
    private mutating func introduceAgain(at now: MonotonicTime) -> [Action] {
        if self.state == .greeting, let greetedAt = self.greetedAt, now.millisecondsSince(greetedAt) < 100 { return [] }
        // Whoever it was that refused is asked again, but not each time that it answers a heartbeat.
        if self.state == .refused, let time = self.greetAgainAt, now < time { return [] }
        // Who is leaving has nothing to come back for, and no call it could still answer.
        guard self.state != .draining, self.state != .drained else { return self.reset() }
        return self.reset() + self.greet(at: now)
    }

    private mutating func becomeReady() -> [Action] {
        self.answered([self.readyMessage, .becameReady], .ready)
    }
}

// MARK: - The module

extension PeerSession {
    private var readyMessage: Action { .send(Envelope(Header(kind: .ready), body: self.readiness.body)) }

    /// The module takes calls, or takes none, from now on.
    package mutating func announce(_ readiness: Readiness) -> [Action] {
        guard readiness != self.readiness else { return [] }
        self.readiness = readiness
        return self.state == .ready ? [self.readyMessage] : []
    }

    /// The module has built itself.
    package mutating func register(_ manifest: Manifest, inSession number: Int, at now: MonotonicTime) -> [Action] {
        guard number == self.number, self.state == .building else { return [] }
        self.state = .registering
        self.answerDue = now.adding(milliseconds: Self.answerMilliseconds)
        return [.send(Envelope(Header(kind: .register), body: manifest.encoded()))]
    }

    /// The module has started up.
    package mutating func ready(inSession number: Int) -> [Action] {
        guard number == self.number, self.state == .starting else { return [] }
        return self.becomeReady()
    }

    /// The module wants to end: no new calls.
    ///
    /// The `PING` after the `DRAIN` comes back behind every call that was sent before the dispatcher knew.
    package mutating func drain() -> [Action] {
        guard self.state == .ready else { return [] }
        self.state = .draining
        return [
            .send(Envelope(Header(kind: .drain))),
            .send(Envelope(Header(kind: .ping, callID: Self.drainPing))),
        ]
    }

    /// The last word of this connection.
    package mutating func stop(_ farewell: Farewell) -> [Action] {
        guard self.state != .stopped else { return [] }
        let isConnected = self.state != .disconnected
        self.state = .stopped
        self.liveness = nil
        self.answerDue = nil
        guard isConnected else { return [] }
        return [.send(Envelope(Header(kind: .bye), body: farewell.encoded())), .dropCalls]
    }
}
