import MessageBus
import WireProtocol

/// Who finds out that a connection is gone; the others learn it by silence.
enum Notice {
    case bothSides
    case peerOnly
    case dispatcherOnly
    case nobody

    var reachesPeer: Bool { self == .bothSides || self == .peerOnly }
    var reachesDispatcher: Bool { self == .bothSides || self == .dispatcherOnly }
}

extension Simulation {
    private func delay() -> UInt64 { self.random.span(0.02...self.settings.delay) }

    // MARK: Connections

    /// A new connection; a peer's own only when there is a dispatcher to accept it.
    func connect(_ party: Int) -> Int? {
        guard self.dispatcher.core != nil, !self.dispatcher.isPaused else { return nil }
        let peer = PeerID(rawValue: UInt32(truncatingIfNeeded: self.links.count + 100))
        self.links.append(Link(peer: peer, party: party, lastUp: self.now, lastDown: self.now))
        return self.links.count - 1
    }

    func link(of peer: PeerID) -> Int { Int(peer.rawValue) - 100 }

    /// Breaks a connection; in order, when what is on its way still arrives.
    func cut(_ link: Int, _ notice: Notice, isOrderly: Bool = false) {
        guard !self.links[link].isCutUp || !self.links[link].isCutDown else { return }
        self.log.note(self.now, "link \(self.links[link].peer) breaks, seen by \(notice)")
        self.links[link].isCutDown = true
        self.links[link].isCutUp = !isOrderly
        if notice != .bothSides { self.isAnybodySilent = true }
        if notice.reachesDispatcher {
            let end = max(isOrderly ? self.links[link].lastUp : self.now, self.now.adding(span: self.delay()))
            self.time.schedule(at: end, .linkEnded(link: link))
        }
        if notice.reachesPeer {
            self.time.schedule(at: self.now.adding(span: self.delay()), .linkLost(link: link))
        }
    }

    func linkEnded(_ link: Int, _ event: Event) {
        guard self.links[link].isOpenAtDispatcher else { return }
        guard !self.dispatcher.isPaused else { return self.dispatcher.missed.append(event) }
        self.links[link].isCutUp = true
        self.links[link].isOpenAtDispatcher = false
        guard self.dispatcher.core != nil else { return }
        self.drive(.connectionsChanged)
    }

    // MARK: Messages

    func sendUp(_ envelope: Envelope, over link: Int) {
        guard self.links[link].isOpenAtPeer else { return }
        let arrival = max(self.links[link].lastUp, self.now.adding(span: self.delay()))
        self.links[link].lastUp = arrival
        if self.links[link].tail.count == Link.tailMax { self.links[link].tail.removeFirst() }
        self.links[link].tail.append(envelope)
        self.time.schedule(at: arrival, .toDispatcher(link: link, envelope))
    }

    private func sendDown(_ envelope: Envelope, over link: Int) {
        let arrival = max(self.links[link].lastDown, self.now.adding(span: self.delay()))
        self.links[link].lastDown = arrival
        self.time.schedule(at: arrival, .toPeer(link: link, envelope))
    }

    func arriveAtDispatcher(_ link: Int, _ envelope: Envelope, _ event: Event) {
        guard !self.links[link].isCutUp, self.dispatcher.core != nil else { return }
        guard !self.dispatcher.isPaused else { return self.dispatcher.missed.append(event) }
        self.drive(.receive(envelope, from: self.links[link].peer))
    }

    func arriveAtPeer(_ link: Int, _ envelope: Envelope, _ event: Event) {
        let party = self.links[link].party
        guard !self.links[link].isCutDown, self.links[link].isOpenAtPeer, party >= 0 else { return }
        guard self.peers[party].isAlive, self.peers[party].link == link else { return }
        guard !self.peers[party].isPaused else { return self.peers[party].missed.append(event) }
        self.receive(envelope, at: party)
    }

    /// Does what the dispatcher wants, as its shell does: what finds nobody is told later, what finds no room at once.
    func perform(_ actions: [RouterAction]) {
        for action in actions {
            guard case .send(let envelope, let peer) = action else { continue }
            self.log.note(self.now, "  dispatcher → \(peer): \(envelope.words)")
            let link = self.link(of: peer)
            guard self.links.indices.contains(link) else {
                self.breaks(.registration, "a message to \(peer), which was never there")
                continue
            }
            if !self.links[link].isOpenAtDispatcher {
                let event = Event.undeliverable(envelope.header, peer, incarnation: self.dispatcher.incarnation)
                self.time.schedule(at: self.now, event)
            } else if self.now < self.links[link].congestedUntil {
                self.drive(.failed(envelope.header, to: peer, .congested))
            } else if !self.links[link].isCutDown {
                self.sendDown(envelope, over: link)
            }
        }
    }
}

extension Envelope {
    /// The message for a person who reads the log.
    var words: String {
        let header = self.header
        var words = "\(header.kind)"
        switch header.kind {
        case .call: words += " \(header.callID) \(header.target) \(header.budgetMilliseconds) ms"
        case .reply: words += " \(header.callID) \(header.flags.status)"
        case .cancel: words += " \(header.callID)"
        default: break
        }
        if header.epoch > 0 { words += " epoch \(header.epoch)" }
        if let metadata = self.metadata { words += " \(metadata.text)" }
        if [.call, .reply, .register, .refused, .hello].contains(header.kind) {
            words += " \(self.body.text.prefix(160))"
        }
        return words
    }
}
