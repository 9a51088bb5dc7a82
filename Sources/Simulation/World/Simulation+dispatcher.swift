import Callbacks
import MessageBus
import WireProtocol

extension Simulation {
    /// Tells the dispatcher's core something, looks on, and does what it wants.
    func drive(_ input: DispatcherInput) {
        guard self.dispatcher.core != nil, self.ledger.violation == nil else { return }
        self.logInput(input)
        var actions: [RouterAction] = []
        self.ledger.prepare(input, at: self.now)
        let now = self.now
        self.dispatcher.core?.take(input, at: now, into: &actions)
        guard let core = self.dispatcher.core else { return }
        self.ledger.settle(actions, core.books, chains: core.chains)
        for case .send(let envelope, let peer) in actions {
            self.digest(UInt64(envelope.header.kind.rawValue) << 32 | UInt64(peer.rawValue))
            self.digest(envelope.header.callID)
        }
        self.checkTable(of: core)
        self.perform(actions)
        self.wakeDispatcher()
    }

    private func logInput(_ input: DispatcherInput) {
        switch input {
        case .receive(let envelope, let peer): self.log.note(self.now, "\(peer) → dispatcher: \(envelope.words)")
        case .malformed(let peer): self.log.note(self.now, "\(peer) → dispatcher: garbage")
        case .failed(let header, let peer, let reason):
            self.log.note(self.now, "dispatcher: \(header.kind) \(header.callID) to \(peer) is \(reason)")
        case .connectionsChanged: self.log.note(self.now, "dispatcher: a connection has ended")
        case .advance: self.log.note(self.now, "dispatcher: turn")
        case .stop: self.log.note(self.now, "dispatcher: stop")
        }
    }

    // MARK: Time

    private func wakeDispatcher() {
        guard let next = self.dispatcher.core?.nextDeadline else { return }
        if let timer = self.dispatcher.timer, timer <= next, timer >= self.now { return }
        self.dispatcher.timer = max(next, self.now)
        self.time.schedule(at: next, .dispatcherTimer(incarnation: self.dispatcher.incarnation))
    }

    func dispatcherTurn(_ incarnation: Int) {
        guard incarnation == self.dispatcher.incarnation, self.dispatcher.core != nil, !self.dispatcher.isPaused else {
            return
        }
        // An earlier time has been set since.
        guard self.dispatcher.timer == self.now else { return }
        self.dispatcher.timer = nil
        self.dispatcher.idleTurns = self.now == self.dispatcher.lastTurn ? self.dispatcher.idleTurns + 1 : 0
        self.dispatcher.lastTurn = self.now
        guard self.dispatcher.idleTurns < 100 else {
            return self.breaks(.progress, "the dispatcher wakes again and again for a time that has passed")
        }
        self.drive(.advance)
        self.wakeDispatcher()
    }

    // MARK: Life

    func startDispatcher() {
        guard self.dispatcher.core == nil else { return }
        self.dispatcher.incarnation += 1
        self.log.note(self.now, "--- dispatcher d\(self.dispatcher.incarnation) starts ---")
        var configuration = self.lacking ?? self.configuration
        configuration.incarnation = "d\(self.dispatcher.incarnation)"
        self.dispatcher.core = MutableCore(
            configuration,
            mutant: self.settings.mutant,
            now: self.now
        )
        self.dispatcher.isPaused = false
        self.dispatcher.missed = []
        self.dispatcher.timer = nil
        self.ledger.forgetDispatcher()
        self.ledger.settled = self.now.adding(milliseconds: self.settings.settle)
        self.ledger.after.epoch = self.dispatcher.core?.books.epoch ?? 0
    }

    /// The process is gone; everybody's connection with it.
    func endDispatcher(isOrderly: Bool) {
        guard self.dispatcher.core != nil, !self.dispatcher.isPaused else { return }
        if isOrderly { self.drive(.stop) }
        self.log.note(self.now, "--- dispatcher d\(self.dispatcher.incarnation) ends ---")
        self.dispatcher.core = nil
        self.isAnybodySilent = true
        self.ledger.forgetDispatcher()
        for link in self.links.indices where self.links[link].isOpenAtDispatcher {
            self.links[link].isOpenAtDispatcher = false
            self.links[link].isCutUp = true
            guard !self.links[link].isCutDown else { continue }
            // A host that is switched off says nothing to anybody.
            guard self.random.percent(90) else {
                self.links[link].isCutDown = true
                continue
            }
            if !isOrderly { self.links[link].isCutDown = true }
            let end = max(self.links[link].lastDown, self.now.adding(span: self.random.span(0...20)))
            self.time.schedule(at: end, .linkLost(link: link))
        }
        self.time.schedule(at: self.now.adding(span: self.random.span(20...1500)), .dispatcherStarts)
    }

    func pauseDispatcher() {
        guard self.dispatcher.core != nil, !self.dispatcher.isPaused else { return }
        self.log.note(self.now, "--- dispatcher is stopped ---")
        self.dispatcher.isPaused = true
        self.isAnybodySilent = true
        let span = self.random.span(self.random.percent(80) ? 1...300 : 300...9000)
        self.time.schedule(
            at: self.now.adding(span: span),
            .dispatcherResumes(incarnation: self.dispatcher.incarnation)
        )
    }

    func resumeDispatcher(_ incarnation: Int) {
        guard incarnation == self.dispatcher.incarnation, self.dispatcher.isPaused else { return }
        self.log.note(self.now, "--- dispatcher goes on ---")
        self.dispatcher.isPaused = false
        self.dispatcher.timer = nil
        self.ledger.asleepUntil = self.now.adding(span: 2_000_000)
        // As the shell's turn has it: first what is due, then what has come.
        self.drive(.advance)
        let missed = self.dispatcher.missed
        self.dispatcher.missed = []
        for event in missed { self.time.schedule(at: self.now, event) }
        self.wakeDispatcher()
    }
}
