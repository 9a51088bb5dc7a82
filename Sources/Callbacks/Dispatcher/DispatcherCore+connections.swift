import Logging
import MessageBus
import WireProtocol

// MARK: Who is who

extension DispatcherCore {
    private static let askInterval = Duration.milliseconds(100)

    /// The place of a connection; one that was never heard of gets a new one.
    mutating func place(of peer: PeerID, at now: MonotonicTime) -> Int {
        if let place = self.places.find(peer) {
            return place
        }
        let place = self.peers.insert(Peer(id: peer, now: now))
        self.places[peer] = place
        self.sweep(by: now + Self.strangerPatience)
        return place
    }

    /// Any message proves life.
    @inline(__always)
    mutating func heard(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        // Of all others it is only noted: to ask what comes of it, for every message, takes the peer apart.
        guard self.peers[place].state != .unresponsive else { return self.cameBack(place, at: now, into: &actions) }
        self.peers[place].noteHeard(at: now)
    }

    private mutating func cameBack(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.peers[place].lastHeard = now
        guard self.peers[place].liveness?.heard(at: now) == true else { return }
        self.peers[place].state = self.standing(of: place)
        self.log(.notice, "peer is back", place, into: &actions)
        self.refreshTable(at: now, into: &actions)
    }

    /// Asks a connection that has not said hello to do so, but not for every message.
    mutating func askWho(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.busCounters.strangers += 1
        self.peers[place].lastHeard = now
        if let asked = self.peers[place].lastAsked, now < asked + Self.askInterval { return }
        self.peers[place].lastAsked = now
        self.send(Header(kind: .whoAreYou), to: place, at: now, into: &actions)
    }

    mutating func hello(
        _ envelope: Envelope,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.leave(place, as: .lost, at: now, into: &actions)
        let hello: Hello
        do {
            hello = try Hello(decoding: envelope.body)
        } catch {
            let reason = Remark(code: "malformed", message: "HELLO: \(error.message)")
            self.send(
                Header(kind: .refused),
                body: Refusal(reasons: [reason]).encoded(),
                to: place,
                at: now,
                into: &actions
            )
            return self.malformed(place, at: now, into: &actions)
        }
        self.name(place, hello)
        let module = hello.role == .module ? self.moduleIndices[hello.id] : nil
        if let reason = self.reason(against: hello, module: module) {
            return self.refuse(place, module: module, [reason], at: now, into: &actions)
        }
        if let module {
            self.replaceConnection(of: module, hello.incarnation, by: place, at: now, into: &actions)
        }
        self.welcome(place, hello, envelope.header.flags, module: module, at: now, into: &actions)
    }

    private mutating func name(_ place: Int, _ hello: Hello) {
        self.peers[place].name = hello.id
        self.peers[place].version = hello.version
        self.peers[place].incarnation = hello.incarnation
    }

    private func reason(against hello: Hello, module: Int?) -> Remark? {
        guard hello.protocolRange.contains(WireLimits.version) else {
            let range = "\(hello.protocolRange.lowerBound) to \(hello.protocolRange.upperBound)"
            let message = "this dispatcher speaks version \(WireLimits.version) and the peer \(range)"
            return Remark(code: "protocol_version", message: message)
        }
        guard hello.role == .host || module != nil else {
            let nearest = Spelling.nearest(to: hello.id, among: self.configuration.modules.map(\.id)).first
            let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
            let message = "'\(hello.id)' is not among the `modules` of the operator's configuration\(hint)"
            return Remark(code: "unknown_module", message: message)
        }
        return nil
    }

    /// A process that has reconnected takes the place of its old connection, so that it is never counted twice.
    private mutating func replaceConnection(
        of module: Int,
        _ incarnation: String,
        by place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let old = self.modules[module].replicas.first { $0 != place && self.peers[$0].incarnation == incarnation }
        guard let old else { return }
        self.leave(old, as: .lost, at: now, into: &actions)
    }

    private mutating func welcome(
        _ place: Int,
        _ hello: Hello,
        _ flags: MessageFlags,
        module: Int?,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let interval = min(hello.heartbeatMilliseconds, self.configuration.heartbeatMilliseconds)
        self.peers[place].role = module.map(Peer.Role.module) ?? .host
        if module != nil {
            let identity = PeerIdentities.Identity(version: hello.version, incarnation: hello.incarnation)
            self.peers[place].identity = self.identities.add(identity)
        }
        self.peers[place].state = .starting
        self.peers[place].since = now
        self.peers[place].liveness = PeerLiveness(
            intervalMilliseconds: interval,
            liveness: self.configuration.liveness,
            now: now
        )
        self.sweep(by: now.adding(milliseconds: interval))
        var welcome = Welcome(dispatcher: self.configuration.incarnation)
        welcome.heartbeatMilliseconds = interval
        welcome.liveness = self.configuration.liveness
        welcome.bodySizeMax = self.configuration.bodySizeMax
        welcome.inFlightMax = self.configuration.inFlightMax
        welcome.cacheEndpoint = self.configuration.cacheEndpoint
        if let module {
            welcome.configuration = self.configuration.modules[module].configuration
            welcome.configurationPath = self.configuration.modules[module].configurationPath
            self.modules[module].replicas.append(place)
            self.modules[module].version = hello.version
            self.modules[module].incarnation = hello.incarnation
        }
        // Whoever reads packs is sent some, and may send them.
        let header = Header(kind: .welcome, flags: flags.intersection(.packs))
        self.send(header, body: welcome.encoded(), to: place, at: now, into: &actions)
        self.log(.info, "peer welcomed", place, into: &actions)
    }
}

// MARK: Going

extension DispatcherCore {
    mutating func drain(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard [.registered, .ready, .waiting, .disabledItself, .unresponsive].contains(self.peers[place].state) else {
            return
        }
        self.peers[place].state = .draining
        self.peers[place].since = now
        self.log(.info, "peer drains", place, into: &actions)
        self.abandonScopes(ofReplica: place, at: now, into: &actions)
        if let module = self.peers[place].module { self.refreshKnown(module) }
        self.withdrawRivals(at: now, into: &actions)
        self.refreshTable(at: now, into: &actions)
        self.reconsiderRivals(at: now, into: &actions)
    }

    mutating func bye(_ body: Payload, from place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        let farewell: Farewell
        do {
            farewell = try Farewell(decoding: body)
        } catch {
            farewell = Farewell(reason: .shutdown)
            self.malformed(place, at: now, into: &actions)
        }
        let module = self.peers[place].module
        let state: ModuleState =
            switch farewell.reason {
            case .shutdown: .stopped
            case .configuration: .configurationError
            case .failed: .failed
            }
        self.log(state == .stopped ? .info : .error, "peer says goodbye", place, into: &actions)
        if let module, state != .stopped {
            self.modules[module].reasons = farewell.problems.map {
                Remark(code: state.rawValue, item: $0.path, message: $0.message)
            }
        }
        self.leave(place, as: state, at: now, into: &actions)
    }

    /// Ends what a connection was; it may say hello again.
    ///
    /// Its own calls are cancelled, and the calls to it are lost.
    mutating func leave(_ place: Int, as state: ModuleState, at now: MonotonicTime, into actions: inout [RouterAction])
    {
        guard self.peers[place].role != .stranger else { return }
        let module = self.peers[place].module
        // First, so that nobody tells it anything any more.
        self.scopes.forget(peer: place)
        self.cancelAll(of: place, at: now, into: &actions)
        self.abandonScopes(ofCaller: place, at: now, into: &actions)
        let id = self.peers[place].id
        var stranger = Peer(id: id, now: now)
        stranger.abuse = self.peers[place].abuse
        self.peers[place] = stranger
        if let module {
            self.modules[module].replicas.removeAll { $0 == place }
            self.modules[module].absence = state
            self.refreshKnown(module)
            self.withdrawRivals(at: now, into: &actions)
        }
        let lost = self.steps.removeAll { $0.peer == place }
        self.refreshTable(at: now, into: &actions)
        for (id, step) in lost {
            guard self.stepEnded(id, step) else { continue }
            self.stepFailed(step, .lost, nil, at: now, into: &actions)
        }
        self.reconsiderRivals(at: now, into: &actions)
        self.sweep(by: now + Self.strangerPatience)
    }

    /// Forgets a connection that is gone.
    mutating func forget(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard self.peers.contains(place) else { return }
        if self.peers[place].role != .stranger {
            self.log(.notice, "peer lost", place, into: &actions)
        }
        self.leave(place, as: .lost, at: now, into: &actions)
        self.places[self.peers[place].id] = nil
        self.peers.remove(at: place)
    }

    /// Counts a message that is none, or is not for us.
    mutating func malformed(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.busCounters.malformed += 1
        self.note(place, at: now, into: &actions)
    }

    /// Counts the messages that change what a peer is, for each makes work for everybody.
    ///
    /// - Returns: Whether the peer is still to be listened to.
    mutating func isWithinMeasure(
        _ kind: MessageKind,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> Bool {
        guard [.hello, .register, .ready, .drain].contains(kind) else { return true }
        self.note(place, at: now, into: &actions)
        return !self.peers[place].abuse.isBarred(at: now)
    }

    /// Notes what no peer does often, and bars one that does.
    private mutating func note(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard self.peers[place].abuse.note(at: now) else { return }
        self.log(.error, "peer barred: it sends what is no message, or changes too often", place, into: &actions)
        if let module = self.peers[place].module {
            let message = "barred for 100 messages within 10 s that were malformed, or HELLO, REGISTER, READY or DRAIN"
            self.modules[module].reasons = [Remark(code: "malformed", message: message)]
        }
        self.leave(place, as: .failed, at: now, into: &actions)
    }

    func log(
        _ level: Logger.Level,
        _ message: Logger.Message,
        _ place: Int,
        _ more: Logger.Metadata = [:],
        into actions: inout [RouterAction]
    ) {
        let peer = self.peers[place]
        var metadata = more
        metadata["peer.connection"] = "\(peer.id)"
        if !peer.name.isEmpty {
            metadata["peer.id"] = "\(peer.name)"
            metadata["peer.incarnation"] = "\(peer.incarnation)"
            metadata["peer.version"] = "\(peer.version)"
        }
        actions.append(.log(level, message, metadata))
    }
}
