import Callbacks
import MessageBus
import WireProtocol

extension Simulation {
    func happen(_ event: Event) {
        if let (party, process) = event.subject {
            // What was meant for a process that is gone.
            guard self.peers[party].isAlive, self.peers[party].process == process else { return }
            guard !self.peers[party].isPaused else { return self.peers[party].missed.append(event) }
        }
        self.digest(self.now.nanoseconds)
        switch event {
        case .toDispatcher(let link, let envelope): self.arriveAtDispatcher(link, envelope, event)
        case .toPeer(let link, let envelope): self.arriveAtPeer(link, envelope, event)
        case .linkEnded(let link): self.linkEnded(link, event)
        case .linkLost(let link): self.linkLost(link, event)
        case .open(let party, _): self.open(party)
        case .cut(let link, let notice): self.cut(link, notice)
        case .undeliverable(let header, let peer, let incarnation):
            guard incarnation == self.dispatcher.incarnation, self.dispatcher.core != nil else { return }
            guard !self.dispatcher.isPaused else { return self.dispatcher.missed.append(event) }
            self.drive(.failed(header, to: peer, .unreachable))
        case .dispatcherTimer(let incarnation): self.dispatcherTurn(incarnation)
        case .dispatcherResumes(let incarnation): self.resumeDispatcher(incarnation)
        case .dispatcherStarts: self.startDispatcher()
        case .peerTimer(let party, _): self.peerTurn(party)
        case .peerResumes(let party, let process): self.resumePeer(party, process)
        case .peerStarts(let party): self.startPeer(party)
        case .built(let party, _, let session): self.built(party, session)
        case .started(let party, _, let session): self.started(party, session)
        case .worked(let party, _, let handle): self.worked(party, handle)
        case .mustStop(let party, _): self.stopPeer(party)
        case .retire(let party, _): self.drain(party)
        case .call(let party): self.hostCalls(party)
        case .giveUp(let party, _, let callID): self.hostGivesUp(party, callID)
        case .leave(let party, _, let scope): self.hostLeaves(party, scope)
        case .overdue(let token): self.checkOverdue(token)
        case .fault: self.somethingGoesWrong()
        case .calm: self.calmDown()
        case .end: self.finish()
        }
    }

    private func checkOverdue(_ token: Int) {
        guard self.dispatcher.core != nil, !self.dispatcher.isPaused else { return }
        self.ledger.checkOverdue(token, at: self.now)
        self.ledger.checkSteps(at: self.now)
    }

    // MARK: The end

    /// Nothing goes wrong any more, and nobody asks for anything new.
    private func calmDown() {
        self.isCalm = true
        self.log.note(self.now, "--- calm ---")
        if self.dispatcher.isPaused { self.resumeDispatcher(self.dispatcher.incarnation) }
        if self.dispatcher.core == nil { self.startDispatcher() }
        for party in self.peers.indices {
            if self.peers[party].isPaused { self.resumePeer(party, self.peers[party].process) }
            if !self.peers[party].isAlive, !self.peers[party].isRetired { self.startPeer(party) }
            if self.peers[party].isResting {
                self.peers[party].isResting = false
                self.announce(party)
            }
        }
        for link in self.links.indices {
            self.links[link].congestedUntil = self.now
            if self.links[link].party < 0, self.links[link].isOpenAtPeer { self.cut(link, .bothSides) }
        }
        // Whoever is cut off without knowing it finds out by silence; strangers are forgotten a while after that.
        let silence = self.isAnybodySilent ? Double(self.settings.heartbeat) * 6 + 8_000 : 3_000
        let patience = silence + (self.settings.isPatient ? 16_000 : 0)
        self.time.schedule(at: self.now.adding(span: Span.milliseconds(patience)), .end)
    }

    private func finish() {
        self.hasEnded = true
        self.ledger.now = self.now
        guard let books = self.dispatcher.core?.books else { return self.breaks(.quiet, "there is no dispatcher") }
        if books.chains + books.steps + books.scopes > 0 {
            self.breaks(.quiet, "\(books.chains) chains, \(books.steps) steps and \(books.scopes) scopes are left over")
        }
        let present = Dictionary(books.entries.filter { !$0.isStranger }.map { ($0.peer, $0.state) }) { first, _ in
            first
        }
        for party in self.peers.indices where self.peers[party].isAlive { self.checkPresent(party, present) }
        let alive = self.peers.filter(\.isAlive).count
        if present.count > alive {
            self.breaks(.quiet, "\(present.count) peers are in the books and \(alive) are alive")
        }
        if self.settings.isPatient, books.entries.count > alive {
            self.breaks(.quiet, "\(books.entries.count) connections are remembered and \(alive) are alive")
        }
    }

    private func checkPresent(_ party: Int, _ present: [PeerID: ModuleState]) {
        let peer = self.peers[party]
        guard let link = peer.link, let state = present[self.links[link].peer] else {
            return self.breaks(
                .quiet,
                "\(peer.name)/\(peer.process) is alive, in state \(peer.session.state), and not in the books"
            )
        }
        let isWanted = ![.refused, .withdrawn].contains(peer.session.state)
        if isWanted, state != .ready || peer.session.state != .ready {
            self.breaks(.quiet, "\(peer.name)/\(peer.process) is \(peer.session.state), and \(state) in the books")
        }
        if peer.outbound.count > 0 { self.breaks(.quiet, "\(peer.name) waits for \(peer.outbound.count) replies") }
    }
}
