import MessageBus
import WireProtocol

// MARK: What hosts do

extension Simulation {
    func hostCalls(_ party: Int) {
        guard !self.isCalm else { return }
        let pause = self.random.span(0...(2 * self.settings.callPause))
        self.time.schedule(at: self.now.adding(span: pause), .call(party: party))
        guard self.peers[party].isAlive, !self.peers[party].isPaused, self.peers[party].session.isReady else { return }
        let budget = UInt32.random(in: self.random.pick([1...8, 40...400, 40...400, 500...2500]), using: &self.random)
        guard self.random.percent(90) else {
            let module = Int.random(in: 0..<self.settings.modules, using: &self.random)
            guard self.settings.isTurning, self.random.percent(20) else {
                return self.call("method/m\(module)/echo", nil, budget, from: party)
            }
            return self.call(
                "admin/modules/\(self.random.pick(["disable", "enable"]))",
                nil,
                budget,
                more: ",\"module\":\"m\(module)\"",
                from: party
            )
        }
        let favourite = self.random.percent(50) ? self.settings.favourite : nil
        let callback = favourite ?? Int.random(in: 0..<VirtualCallback.all.count, using: &self.random)
        let chosen = VirtualCallback.all[callback]
        let metadata: Payload? = chosen.isScoped ? #"{"scope":"enter"}"# : nil
        self.call(chosen.target, callback, budget, metadata: metadata, from: party)
    }

    /// Makes a call; of one that is not to be looked after when it is answered the callback is nil.
    private func call(
        _ target: String,
        _ callback: Int?,
        _ budget: UInt32,
        metadata: Payload? = nil,
        more: String? = nil,
        from party: Int
    ) {
        self.nextToken += 1
        let waiting = VirtualPeer.Waiting(token: self.nextToken, callback: callback)
        let deadline = self.now.adding(milliseconds: budget)
        guard let id = self.peers[party].outbound.insert(waiting, deadline: deadline, now: self.now) else { return }
        self.report.calls += 1
        let flags: MessageFlags = self.random.percent(30) ? .explain : []
        let header = Header(kind: .call, flags: flags, budgetMilliseconds: budget, callID: id, target: target)
        let body = more.map { CallToken.body(self.nextToken, $0) } ?? VirtualArguments(self.nextToken).body
        self.send(Envelope(header, metadata: metadata, body: body), from: party)
        let process = self.peers[party].process
        if self.random.percent(5) {
            let time = self.now.adding(span: self.random.span(0...Double(budget)))
            self.time.schedule(at: time, .giveUp(party: party, process: process, callID: id))
        }
        // By then it has arrived, if it ever does, and its time there is over.
        let late = self.now.adding(span: Span.milliseconds(Double(budget) + self.settings.delay + 400))
        self.time.schedule(at: late, .overdue(token: self.nextToken))
        self.wakePeer(party)
    }

    func hostGivesUp(_ party: Int, _ callID: UInt64) {
        guard self.peers[party].outbound.remove(callID) != nil else { return }
        self.send(Envelope(Header(kind: .cancel, callID: callID)), from: party)
    }

    func hostHears(_ reply: Envelope, for waiting: VirtualPeer.Waiting, at party: Int) {
        guard let callback = waiting.callback, VirtualCallback.all[callback].isScoped else { return }
        let members = reply.metadata.flatMap { try? JSONValue(parsing: $0) }
        let isOpen = reply.header.flags.status == .answer
        guard let scope = members?["scope_id"]?.string else {
            if isOpen {
                self.breaks(.scopeExit, "call #\(waiting.token) opened a scope and its reply does not say which")
            }
            return
        }
        guard isOpen else { return self.breaks(.scopeExit, "call #\(waiting.token) opened nothing and got \(scope)") }
        let process = self.peers[party].process
        // Some forget to leave, some are late, and some leave twice.
        for _ in 0..<self.random.pick([0, 1, 1, 1, 1, 1, 2]) {
            let time = self.now.adding(span: self.random.span(0...1200))
            self.time.schedule(at: time, .leave(party: party, process: process, scope: scope))
        }
    }

    func hostLeaves(_ party: Int, _ scope: String) {
        guard self.peers[party].session.isReady else { return }
        let metadata: JSONValue = ["scope": "exit", "scope_id": .string(scope)]
        let budget = UInt32.random(in: 20...400, using: &self.random)
        self.call("callback/sim/visit", nil, budget, metadata: metadata.encoded(), from: party)
    }
}
