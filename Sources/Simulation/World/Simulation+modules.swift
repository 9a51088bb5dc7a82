import MessageBus
import WireProtocol

// MARK: What modules do

extension Simulation {
    /// What a version of a module claims: nearly always the same.
    func manifest(of module: Int) -> Manifest {
        var claims: [CallbackClaim] = []
        for (index, callback) in VirtualCallback.all.enumerated() {
            // Drawn from the seed and the module, so that replicas agree; one in eight processes is of another version.
            let draw = (self.settings.seed &+ UInt64(module * 31 + index * 7)) &* 0x9E37_79B9_7F4A_7C15 >> 33
            var isClaimed = draw % 3 != 0
            if self.random.percent(4) { isClaimed.toggle() }
            guard isClaimed else { continue }
            let concurrency = self.random.pick([1, 2, 64, 64])
            claims.append(
                CallbackClaim(
                    category: "sim",
                    name: callback.name,
                    concurrency: concurrency,
                    isPure: self.random.percent(30),
                    keys: callback.isKeyed ? self.keys(draw) : [],
                    filter: callback.isKeyed ? nil : self.filter(draw)
                )
            )
        }
        let routes = self.random.percent(50) ? [RouteClaim(path: "/sim/\(module % 2)")] : []
        let all = self.random.pick([nil, nil, nil, 1, 3])
        return Manifest(routes: routes, callbacks: claims, methods: [MethodClaim(name: "echo")], concurrency: all)
    }

    private func keys(_ draw: UInt64) -> [KeyClaim] {
        let names: [String] = [["a"], ["b"], ["a", "b"]][Int(draw / 3 % 3)]
        // Not all agree on what a login has.
        let fields = self.random.percent(90) ? ["f"] : ["f", "g"]
        return (self.random.percent(5) ? ["a", "c"] : names).map { KeyClaim(key: $0, fields: fields) }
    }

    private func filter(_ draw: UInt64) -> JSONValue? {
        guard !self.random.percent(4) else { return self.random.pick(VirtualFilter.samples) }
        let place = Int(draw / 3 % 16)
        return place < VirtualFilter.samples.count ? VirtualFilter.samples[place] : nil
    }

    func built(_ party: Int, _ session: Int) {
        let manifest = self.peers[party].manifest
        let actions = self.peers[party].session.register(manifest, inSession: session, at: self.now)
        self.perform(actions, at: party)
        self.wakePeer(party)
    }

    func started(_ party: Int, _ session: Int) {
        self.perform(self.peers[party].session.ready(inSession: session), at: party)
        self.wakePeer(party)
    }

    /// Takes a call as the shell does, and begins to work on it.
    func accept(_ envelope: Envelope, at party: Int) {
        let header = envelope.header
        guard let module = self.peers[party].module, let token = CallToken.read(envelope.body) else {
            return self.breaks(.order, "\(self.peers[party].name) was called with \(envelope.words)")
        }
        guard header.budgetMilliseconds > 0 else {
            return self.breaks(.budget, "\(self.peers[party].name) was called with no time at all")
        }
        let deadline = self.now.adding(milliseconds: min(header.budgetMilliseconds, WireLimits.budgetMilliseconds))
        guard let handle = self.peers[party].inbound.begin(header.callID, deadline: deadline, now: self.now) else {
            let fault = BusFault(.overloaded, "too many", isRetryable: true)
            let reply = Header(kind: .reply, flags: MessageFlags(.overloaded), callID: header.callID)
            return self.send(Envelope(reply, body: fault.encoded()), from: party)
        }
        let scope = ScopeWords(envelope.metadata)
        let process = self.peers[party].process
        let isIdempotent = VirtualCallback.places[header.target].map { VirtualCallback.all[$0].isIdempotent } ?? false
        let conduct = self.ledger.conduct.began(
            token,
            module: module,
            process: process,
            timesMax: isIdempotent ? 3 : 1,
            scope: scope
        )
        if let (rule, message) = conduct {
            self.breaks(rule, message)
        }
        let (status, body, time) = self.answer(header.target, budget: header.budgetMilliseconds)
        self.peers[party].works[handle] = VirtualPeer.Work(
            callID: header.callID,
            token: token,
            status: status,
            body: body,
            scope: scope,
            session: self.peers[party].session.number
        )
        self.time.schedule(at: self.now.adding(span: time), .worked(party: party, process: process, handle: handle))
    }

    /// What a module says to a call, and how long it takes it to.
    private func answer(_ target: String, budget: UInt32) -> (ReplyStatus, Payload, UInt64) {
        let quick = self.random.span(self.random.percent(80) ? 0...8 : 0...250)
        guard let callback = VirtualCallback.places[target].map({ VirtualCallback.all[$0] }) else {
            return (.answer, Payload("{\"echo\":\(self.nextToken)}"), quick)
        }
        guard !self.isCalm, self.random.percent(self.settings.trouble) else {
            guard self.random.percent(55) else { return (.continue, .empty, quick) }
            return (.answer, self.random.pick(callback.results).encoded(), quick)
        }
        switch Int.random(in: 0..<12, using: &self.random) {
        case 0, 1: return (.error, BusFault(.moduleError, "no").encoded(), quick)
        case 2: return (.error, "{", quick)
        case 3, 4: return (.overloaded, BusFault(.overloaded, "busy", isRetryable: true).encoded(), quick)
        case 5: return (.answer, self.random.pick(["", "{", "[1", "nul", "\u{1}"]), quick)
        case 6, 7:
            return (.answer, self.random.pick(["{\"no\":1}", "[[[]]]", "\"what\"", "true", "-7", "null"]), quick)
        case 8, 9:
            // About when the time is over: a little before or after.
            let about = Double(budget) + Double.random(in: -3...6, using: &self.random)
            return (.answer, self.random.pick(callback.results).encoded(), Span.milliseconds(max(0, about)))
        case 10: return (.answer, self.random.pick(callback.results).encoded(), self.random.span(500...4000))
        default: return (.continue, .empty, Span.milliseconds(1e9))
        }
    }

    func worked(_ party: Int, _ handle: UInt64) {
        guard let work = self.peers[party].works.removeValue(forKey: handle), let module = self.peers[party].module
        else {
            return
        }
        let isWanted = self.peers[party].inbound.finish(handle) != nil
        // A peer of another make may answer whatever it was asked, on whatever connection it has.
        guard isWanted || self.peers[party].isSloppy && self.peers[party].session.isReady else {
            return self.wakePeer(party)
        }
        if work.status == .overloaded {
            self.ledger.conduct.turnedAway(work.token, module: module, scope: work.scope)
        }
        let reply = Header(kind: .reply, flags: MessageFlags(work.status), callID: work.callID)
        self.send(Envelope(reply, body: work.body), from: party)
        // The end of a call may be what a draining peer waits for.
        self.afterTurn(party)
    }
}
