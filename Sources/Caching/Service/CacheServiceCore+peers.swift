internal import Logging
public import MessageBus
public import WireProtocol

// MARK: Coming and going

extension CacheServiceCore {
    /// A connection that sends so many messages that are none is not listened to until it says hello again.
    private static let malformedMax = 100

    /// Whether a message is read; a connection that has not said hello is asked to.
    mutating func admits(
        _ kind: MessageKind,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> Bool {
        guard self.peers[peer] != nil else {
            // Only what needs an answer is answered: a peer that has left sends nothing that does.
            if kind != .hello, kind != .bye, kind != .pong, self.askedStrangers.mayAsk(peer, at: now) {
                actions.append(.send(Envelope(Header(kind: .whoAreYou)), to: peer))
            }
            return kind == .hello
        }
        self.peers[peer]?.liveness.heard(at: now)
        return kind == .hello || (self.peers[peer]?.malformed ?? 0) < Self.malformedMax
    }

    mutating func hello(
        _ envelope: Envelope,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.forget(peer, at: now, into: &actions)
        do throws(WireError) {
            let hello = try Hello(decoding: envelope.body)
            guard hello.protocolRange.contains(WireLimits.version) else {
                throw WireError(.unsupportedVersion, "this cache service speaks version \(WireLimits.version)")
            }
            guard self.peers.count < self.limits.peersMax else {
                throw WireError(.controlBody, "\(self.peers.count) peers are connected already")
            }
            self.welcome(hello, envelope.header.flags, peer, at: now, into: &actions)
        } catch {
            self.statistics.malformed += 1
            let code = error.code == .unsupportedVersion ? "protocol_version" : "malformed"
            let refusal = Refusal(reasons: [Remark(code: code, message: error.message)])
            self.send(Header(kind: .refused), body: refusal.encoded(), to: peer, at: now, into: &actions)
        }
    }

    private mutating func welcome(
        _ hello: Hello,
        _ flags: MessageFlags,
        _ peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let interval = min(hello.heartbeatMilliseconds, self.limits.heartbeatMilliseconds)
        let liveness = PeerLiveness(intervalMilliseconds: interval, liveness: self.limits.liveness, now: now)
        self.peers[peer] = CachePeer(name: hello.id, liveness: liveness)
        self.sweep(by: liveness.nextDeadline)
        let welcome = Welcome(
            dispatcher: self.incarnation,
            heartbeatMilliseconds: interval,
            liveness: self.limits.liveness
        )
        let header = Header(kind: .welcome, flags: flags.intersection(.packs))
        self.send(header, body: welcome.encoded(), to: peer, at: now, into: &actions)
        actions.append(.log(.info, "peer welcomed", ["peer.id": "\(hello.id)", "peer.connection": "\(peer)"]))
    }

    /// Forgets a connection; its loads are left to those who wait for them.
    mutating func forget(_ peer: PeerID, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard let state = self.peers.removeValue(forKey: peer) else { return }
        for (key, lease) in self.leases.removeAll(of: peer) {
            self.passOn(key, lease, at: now, into: &actions)
        }
        actions.append(.log(.info, "peer gone", ["peer.id": "\(state.name)", "peer.connection": "\(peer)"]))
    }

    mutating func malformed(_ peer: PeerID, at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.statistics.malformed += 1
        guard let state = self.peers[peer] else { return }
        self.peers[peer]?.malformed += 1
        guard state.malformed + 1 == Self.malformedMax else { return }
        actions.append(
            .log(.error, "peer is not listened to: it sends what is no message", ["peer.id": "\(state.name)"])
        )
    }

    public mutating func receiveMalformed(
        _ error: WireError,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard error.code != .unknownKind else { return }
        self.malformed(peer, at: now, into: &actions)
    }

    public mutating func sendFailed(
        _ header: Header,
        to peer: PeerID,
        reason: SendFailure,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.statistics.undelivered += 1
        // A peer that does not read misses an invalidation, and finds out from its next ping.
        guard reason == .unreachable else { return }
        self.forget(peer, at: now, into: &actions)
    }

    public mutating func connectionsChanged(at now: MonotonicTime, into actions: inout [RouterAction]) {
        for peer in self.peers.keys {
            self.send(Header(kind: .ping), to: peer, at: now, into: &actions)
        }
    }

    public mutating func stop(at now: MonotonicTime, into actions: inout [RouterAction]) {
        let farewell = Farewell(reason: .shutdown).encoded()
        for peer in self.peers.keys {
            self.send(Header(kind: .bye), body: farewell, to: peer, at: now, into: &actions)
        }
    }
}

// MARK: Time

extension CacheServiceCore {
    public var nextDeadline: MonotonicTime? {
        mutating get {
            guard let sweep = self.nextSweep else { return self.leases.nextEnd }
            return min(sweep, self.leases.nextEnd ?? sweep)
        }
    }

    public mutating func advance(to now: MonotonicTime, into actions: inout [RouterAction]) {
        for (key, lease) in self.leases.expire(upTo: now) {
            self.statistics.expiredLeases += 1
            self.passOn(key, lease, at: now, into: &actions)
        }
        guard let sweep = self.nextSweep, now >= sweep else { return }
        self.nextSweep = nil
        for peer in Array(self.peers.keys) {
            self.sweep(peer, at: now, into: &actions)
        }
    }

    private mutating func sweep(_ peer: PeerID, at now: MonotonicTime, into actions: inout [RouterAction]) {
        while let event = self.peers[peer]?.liveness.advance(to: now) {
            switch event {
            case .ping: self.send(Header(kind: .ping), to: peer, at: now, into: &actions)
            case .unresponsive: continue
            case .lost: return self.forget(peer, at: now, into: &actions)
            }
        }
        self.sweep(by: self.peers[peer]?.liveness.nextDeadline)
    }

    private mutating func sweep(by time: MonotonicTime?) {
        guard let time else { return }
        self.nextSweep = min(self.nextSweep ?? time, time)
    }
}
