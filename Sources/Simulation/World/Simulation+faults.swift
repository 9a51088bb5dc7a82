import MessageBus
import WireProtocol

// MARK: What goes wrong

extension Simulation {
    func somethingGoesWrong() {
        guard !self.isCalm, let pause = self.settings.faultPause else { return }
        self.time.schedule(at: self.now.adding(span: self.random.span(0...(2 * pause))), .fault)
        let party = Int.random(in: 0..<self.peers.count, using: &self.random)
        switch Int.random(in: 0..<25, using: &self.random) {
        case 0...3: self.breakLink(of: party)
        case 4, 5: self.pause(party)
        case 6, 7: self.crash(party)
        case 8, 9: self.drain(party)
        case 10, 11: self.roll(party)
        case 12, 13: self.congest(party)
        case 14, 20, 21: self.forge(party)
        case 15: self.garbage(party)
        case 22...24: self.rest(party)
        case 16, 17: self.impostor(party)
        case 18 where !self.settings.isDispatcherSteady: self.endDispatcher(isOrderly: self.random.percent(40))
        case 19 where !self.settings.isDispatcherSteady: self.pauseDispatcher()
        default: break
        }
    }

    private func breakLink(of party: Int) {
        guard let link = self.peers[party].link else { return }
        let notice = self.random.pick([Notice.bothSides, .bothSides, .bothSides, .peerOnly, .dispatcherOnly, .nobody])
        self.cut(link, notice)
    }

    /// A module disables itself, or takes calls again.
    private func rest(_ party: Int) {
        guard self.peers[party].isAlive, !self.peers[party].isPaused, self.peers[party].module != nil else { return }
        self.peers[party].isResting.toggle()
        self.announce(party)
    }

    func announce(_ party: Int) {
        let reason = self.peers[party].isResting ? "no list" : nil
        var readiness = Readiness()
        readiness.disabledBecause = reason
        self.perform(self.peers[party].session.announce(readiness), at: party)
        self.wakePeer(party)
    }

    private func congest(_ party: Int) {
        guard let link = self.peers[party].link else { return }
        self.links[link].congestedUntil = self.now.adding(span: self.random.span(1...300))
        // An answer that finds no room is waited for in silence.
        self.isAnybodySilent = true
    }

    /// A rolling restart: a new process beside the old one, which then drains.
    private func roll(_ party: Int) {
        guard self.peers[party].isAlive, !self.peers[party].isRetired, !self.peers[party].isPaused,
            self.peers[party].module != nil, self.peers.count < 16
        else { return }
        let heir = self.addPeer(self.peers[party].role, self.peers[party].name)
        self.startPeer(heir)
        self.peers[party].isRetired = true
        let process = self.peers[party].process
        self.time.schedule(
            at: self.now.adding(span: self.random.span(0...300)),
            .retire(party: party, process: process)
        )
    }

    /// A module answers calls that others were asked.
    private func forge(_ party: Int) {
        guard self.peers[party].isAlive, self.peers[party].session.isReady, let link = self.peers[party].link else {
            return
        }
        let others = self.ledger.steps.filter { $0.value.peer != self.links[link].peer }.keys.sorted()
        for id in others.suffix(4) {
            let body = self.random.pick([Payload("\"deny\""), "1", "[false,null]", "{}", "null"])
            self.send(Envelope(Header(kind: .reply, flags: MessageFlags(.answer), callID: id), body: body), from: party)
        }
    }

    private func garbage(_ party: Int) {
        guard let link = self.peers[party].link, self.links[link].isOpenAtDispatcher, !self.dispatcher.isPaused else {
            return
        }
        self.drive(.malformed(self.links[link].peer))
    }

    /// A connection of no peer of ours: it says that it is a module, new or old, takes calls, and never answers.
    private func impostor(_ party: Int) {
        guard let link = self.connect(-1) else { return }
        let victim = self.peers[party]
        let id = self.random.pick([victim.name, "nobody"])
        let incarnation = self.random.percent(30) ? victim.session.hello.incarnation : "i\(self.links.count)"
        let role: Hello.Role = victim.role == .host ? .host : .module
        self.log.note(self.now, "an impostor of \(id) is \(self.links[link].peer)")
        let hello = Hello(
            id: id,
            role: role,
            version: "",
            incarnation: incarnation.isEmpty ? "i" : incarnation,
            heartbeatMilliseconds: self.settings.heartbeat
        )
        self.sendUp(Envelope(Header(kind: .hello), body: hello.encoded()), over: link)
        if let module = victim.module, self.random.percent(70) {
            let manifest = self.manifest(of: module)
            self.sendUp(Envelope(Header(kind: .register), body: manifest.encoded()), over: link)
            if self.random.percent(80) { self.sendUp(Envelope(Header(kind: .ready)), over: link) }
            if self.random.percent(20) {
                self.sendUp(Envelope(Header(kind: .register), body: manifest.encoded()), over: link)
            }
        }
        let notice: Notice = self.random.percent(70) ? .dispatcherOnly : .nobody
        self.time.schedule(at: self.now.adding(span: self.random.span(1...800)), .cut(link: link, notice))
    }
}
