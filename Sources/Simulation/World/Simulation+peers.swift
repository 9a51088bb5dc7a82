import MessageBus
import WireProtocol

// MARK: What the shell of a peer does

extension Simulation {
    func perform(_ actions: [PeerSession.Action], at party: Int) {
        let process = self.peers[party].process
        for action in actions {
            switch action {
            case .send(let envelope): self.send(envelope, from: party)
            case .reconnect: self.reconnect(party)
            case .dropCalls: self.dropCalls(party)
            case .becameReady: self.peers[party].backoff.reset()
            case .build:
                let session = self.peers[party].session.number
                let time = self.now.adding(span: self.random.span(0...30))
                self.time.schedule(at: time, .built(party: party, process: process, session: session))
            case .start:
                let session = self.peers[party].session.number
                let time = self.now.adding(span: self.random.span(0...20))
                self.time.schedule(at: time, .started(party: party, process: process, session: session))
            case .malformed(let error):
                self.breaks(.quiet, "\(self.peers[party].name) got what is no message: \(error)")
            case .refuse, .updateTable, .push: break
            }
        }
    }

    func send(_ envelope: Envelope, from party: Int) {
        guard let link = self.peers[party].link else { return }
        self.peers[party].session.sent(at: self.now)
        self.sendUp(envelope, over: link)
    }

    func receive(_ envelope: Envelope, at party: Int) {
        switch envelope.header.kind {
        case .call, .reply, .cancel:
            if self.peers[party].session.admitCall(at: self.now) {
                self.deliver(envelope, to: party)
                return self.afterTurn(party)
            }
        default: break
        }
        self.perform(self.peers[party].session.receive(envelope, at: self.now), at: party)
        self.afterTurn(party)
    }

    private func deliver(_ envelope: Envelope, to party: Int) {
        let id = envelope.header.callID
        switch envelope.header.kind {
        case .reply:
            guard let waiting = self.peers[party].outbound.remove(id) else { return }
            self.hostHears(envelope, for: waiting, at: party)
        case .cancel: self.peers[party].inbound.cancel(id)
        default: self.accept(envelope, at: party)
        }
    }

    /// What every turn of the loop ends with.
    func afterTurn(_ party: Int) {
        if self.peers[party].isDraining, self.peers[party].session.state != .draining,
            self.peers[party].inbound.count == 0
        {
            return self.stopPeer(party)
        }
        self.wakePeer(party)
    }

    func wakePeer(_ party: Int) {
        guard self.peers[party].isAlive, let next = self.peers[party].nextDeadline else { return }
        if let timer = self.peers[party].timer, timer <= next, timer >= self.now { return }
        self.peers[party].timer = max(next, self.now)
        self.time.schedule(at: next, .peerTimer(party: party, process: self.peers[party].process))
    }

    func peerTurn(_ party: Int) {
        // An earlier time has been set since.
        guard self.peers[party].timer == self.now else { return }
        self.peers[party].timer = nil
        let isIdle = self.now == self.peers[party].lastTurn
        self.peers[party].idleTurns = isIdle ? self.peers[party].idleTurns + 1 : 0
        self.peers[party].lastTurn = self.now
        guard self.peers[party].idleTurns < 100 else {
            return self.breaks(.progress, "\(self.peers[party].name) wakes again and again for a time that has passed")
        }
        self.expire(party)
        self.afterTurn(party)
    }

    private func expire(_ party: Int) {
        self.perform(self.peers[party].session.advance(to: self.now), at: party)
        for (id, _) in self.peers[party].outbound.expire(upTo: self.now) {
            self.send(Envelope(Header(kind: .cancel, callID: id)), from: party)
        }
        self.peers[party].inbound.expire(upTo: self.now)
    }

    private func dropCalls(_ party: Int) {
        _ = self.peers[party].outbound.removeAll { _ in true }
        self.peers[party].inbound.cancelAll()
    }

    // MARK: Connections

    private func reconnect(_ party: Int) {
        if let link = self.peers[party].link {
            self.links[link].isOpenAtPeer = false
            self.cut(link, self.random.percent(90) ? .dispatcherOnly : .nobody, isOrderly: true)
            self.peers[party].link = nil
        }
        let pause = self.peers[party].backoff.next()
        let event = Event.open(party: party, process: self.peers[party].process)
        self.time.schedule(at: self.now + pause, event)
    }

    func linkLost(_ link: Int, _ event: Event) {
        let party = self.links[link].party
        guard party >= 0, self.links[link].isOpenAtPeer else { return }
        guard self.peers[party].link == link, self.peers[party].isAlive else { return }
        guard !self.peers[party].isPaused else { return self.peers[party].missed.append(event) }
        self.links[link].isOpenAtPeer = false
        self.links[link].isCutDown = true
        self.peers[party].link = nil
        self.log.note(self.now, "\(self.peers[party].name) sees its connection go")
        self.perform(self.peers[party].session.disconnected(), at: party)
        let again = Event.open(party: party, process: self.peers[party].process)
        self.time.schedule(at: self.now.adding(span: self.random.span(1...200)), again)
    }

    func open(_ party: Int) {
        guard self.peers[party].link == nil, self.peers[party].session.state != .stopped else { return }
        guard let link = self.connect(party) else {
            let again = Event.open(party: party, process: self.peers[party].process)
            return self.time.schedule(at: self.now.adding(span: self.random.span(20...200)), again)
        }
        self.peers[party].link = link
        self.log.note(self.now, "\(self.peers[party].name)/\(self.peers[party].process) is \(self.links[link].peer)")
        self.repeatTail(of: party, over: link)
        self.perform(self.peers[party].session.connected(at: self.now), at: party)
        self.afterTurn(party)
    }

    /// What was said last on the connection before arrives once more on this one, in front of everything else.
    private func repeatTail(of party: Int, over link: Int) {
        guard !self.isCalm, self.random.percent(20) else { return }
        let old = self.links.lastIndex { $0.party == party && $0.peer != self.links[link].peer }
        guard let old else { return }
        // All but the greeting: after one the rest would not be repeated but said.
        for envelope in self.links[old].tail where envelope.header.kind != .hello { self.sendUp(envelope, over: link) }
    }

    // MARK: Life

    func startPeer(_ party: Int) {
        guard !self.peers[party].isAlive, !self.peers[party].isRetired else { return }
        let old = self.peers[party]
        self.nextProcess += 1
        var peer = VirtualPeer(role: old.role, name: old.name)
        peer.process = self.nextProcess
        peer.isAlive = true
        // Not in the order of their starts: which of two is the older one must decide nothing.
        let incarnation = String(UInt64(self.nextProcess) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
        let hello = Hello(
            id: old.name,
            role: old.role == .host ? .host : .module,
            version: "1",
            incarnation: incarnation,
            heartbeatMilliseconds: self.settings.heartbeat
        )
        peer.session = PeerSession(hello: hello)
        peer.isSloppy = self.random.percent(20)
        if let module = old.module { peer.manifest = self.manifest(of: module) }
        self.peers[party] = peer
        self.log.note(self.now, "--- \(peer.name)/\(peer.process) starts ---")
        self.open(party)
    }

    /// The process ends without a word.
    func crash(_ party: Int) {
        guard self.peers[party].isAlive else { return }
        self.log.note(self.now, "--- \(self.peers[party].name)/\(self.peers[party].process) crashes ---")
        self.end(party)
        if let link = self.peers[party].link {
            self.links[link].isOpenAtPeer = false
            self.cut(link, self.random.percent(90) ? .dispatcherOnly : .nobody, isOrderly: self.random.percent(50))
        }
    }

    /// The process ends in order: it says goodbye, and what it said before arrives.
    func stopPeer(_ party: Int) {
        guard self.peers[party].isAlive else { return }
        self.log.note(self.now, "--- \(self.peers[party].name)/\(self.peers[party].process) stops ---")
        self.perform(self.peers[party].session.stop(Farewell(reason: .shutdown)), at: party)
        self.end(party)
        if let link = self.peers[party].link {
            self.links[link].isOpenAtPeer = false
            self.cut(link, .dispatcherOnly, isOrderly: true)
        }
    }

    private func end(_ party: Int) {
        self.peers[party].isAlive = false
        self.peers[party].isPaused = false
        self.peers[party].missed = []
        guard !self.peers[party].isRetired else { return }
        let time = self.now.adding(span: self.random.span(10...1500))
        self.time.schedule(at: time, .peerStarts(party: party))
    }

    /// It takes no new calls, answers those that it has, and ends.
    func drain(_ party: Int) {
        guard self.peers[party].isAlive, !self.peers[party].isPaused, !self.peers[party].isDraining else { return }
        self.log.note(self.now, "--- \(self.peers[party].name)/\(self.peers[party].process) drains ---")
        self.perform(self.peers[party].session.drain(), at: party)
        self.peers[party].isDraining = true
        let process = self.peers[party].process
        self.time.schedule(at: self.now.adding(span: 1_500_000_000), .mustStop(party: party, process: process))
        self.afterTurn(party)
    }

    func pause(_ party: Int) {
        guard self.peers[party].isAlive, !self.peers[party].isPaused else { return }
        self.log.note(self.now, "--- \(self.peers[party].name)/\(self.peers[party].process) is stopped ---")
        self.peers[party].isPaused = true
        self.isAnybodySilent = true
        let span = self.random.span(self.random.percent(70) ? 1...400 : 400...20_000)
        let event = Event.peerResumes(party: party, process: self.peers[party].process)
        self.time.schedule(at: self.now.adding(span: span), event)
    }

    func resumePeer(_ party: Int, _ process: Int) {
        guard self.peers[party].isPaused, self.peers[party].process == process else { return }
        self.log.note(self.now, "--- \(self.peers[party].name)/\(process) goes on ---")
        self.peers[party].isPaused = false
        self.peers[party].timer = nil
        // As the shell's turn has it: first what is due, then what has come.
        self.expire(party)
        let missed = self.peers[party].missed
        self.peers[party].missed = []
        for event in missed { self.time.schedule(at: self.now, event) }
        self.wakePeer(party)
    }
}
