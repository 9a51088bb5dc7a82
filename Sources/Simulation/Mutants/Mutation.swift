import Callbacks
import MessageBus
import WireProtocol

/// One mutant at work: what it makes of what the core hears, says and has in its books.
struct Mutation {
    private struct Sent {
        var peer: PeerID
        var token: Int
        var isExit: Bool
        var target: String
    }

    private let mutant: Mutant
    /// The modules in shadow, and their connections.
    private let shadowNames: Set<String>
    private var shadows: Set<PeerID> = []
    /// The calls to modules, also those that have ended.
    private var sent: [UInt64: Sent] = [:]
    /// For each call the newest step, and its budget.
    private var newest: [Int: UInt64] = [:]
    private var budgets: [Int: UInt32] = [:]
    private var told: Set<Int> = []
    private var answered: [PeerID: Int] = [:]
    private var lastAdvance: MonotonicTime?

    init(_ mutant: Mutant, shadows: Set<String>) {
        self.mutant = mutant
        self.shadowNames = shadows
    }

    // MARK: What the core hears

    mutating func heard(_ input: DispatcherInput, at now: MonotonicTime) -> [DispatcherInput] {
        switch input {
        case .receive(let envelope, let peer): return self.heard(envelope, from: peer).map { .receive($0, from: $1) }
        case .advance where self.mutant == .deadlineIgnored: return self.isTimeNoticed(now) ? [input] : []
        case .connectionsChanged where self.mutant == .lossIgnored: return []
        case .failed(_, _, .unreachable) where self.mutant == .lossIgnored: return []
        default: return [input]
        }
    }

    private mutating func isTimeNoticed(_ now: MonotonicTime) -> Bool {
        if let last = self.lastAdvance, now < last.adding(milliseconds: 300) { return false }
        self.lastAdvance = now
        return true
    }

    /// When a mutant turns that is to turn at a time.
    func noticed(_ time: MonotonicTime) -> MonotonicTime {
        guard self.mutant == .deadlineIgnored, let last = self.lastAdvance else { return time }
        return max(time, last.adding(milliseconds: 300))
    }

    private mutating func heard(_ envelope: Envelope, from peer: PeerID) -> [(Envelope, PeerID)] {
        switch envelope.header.kind {
        case .call where self.mutant == .disablingIgnored && envelope.header.target == "admin/modules/disable":
            var header = envelope.header
            header.target = "admin/modules/enable"
            return [(Envelope(header, body: envelope.body), peer)]
        case .call:
            if let token = CallToken.read(envelope.body) { self.budgets[token] = envelope.header.budgetMilliseconds }
        case .reply: return self.heardReply(envelope, from: peer)
        case .hello:
            if let hello = try? Hello(decoding: envelope.body), self.shadowNames.contains(hello.id) {
                self.shadows.insert(peer)
            }
        case .cancel where self.mutant == .cancelIgnored: return []
        case .drain where self.mutant == .drainIgnored: return []
        case .ready where self.mutant == .restIgnored: return [(Envelope(envelope.header), peer)]
        case .bye where self.mutant == .goodbyeIgnored: return []
        case .register: return [(self.changed(manifest: envelope), peer)]
        default: break
        }
        return [(envelope, peer)]
    }

    private mutating func heardReply(_ envelope: Envelope, from peer: PeerID) -> [(Envelope, PeerID)] {
        let sent = self.sent[envelope.header.callID]
        var header = envelope.header
        switch self.mutant {
        case .anybodysReplyAccepted:
            return [(envelope, sent?.peer ?? peer)]
        case .lateReplyAccepted:
            guard let sent, let newest = self.newest[sent.token], newest != header.callID else { break }
            header.callID = newest
            return [
                (Envelope(header, metadata: envelope.metadata, body: envelope.body), self.sent[newest]?.peer ?? peer)
            ]
        case .vetoIgnored where header.flags.status == .answer && envelope.body.text.hasPrefix("[false"),
            .failureIgnored where header.flags.status == .error:
            header.flags = MessageFlags(.continue)
            return [(Envelope(header), peer)]
        case .anyAnswerAccepted where header.flags.status == .answer && sent?.target == "callback/sim/ask":
            let isKnown = ["\"allow\"", "\"deny\"", "\"later\""].contains(envelope.body.text)
            return [(isKnown ? envelope : Envelope(header, body: "\"later\""), peer)]
        case .booksNotDecremented: self.answered[peer, default: 0] += 1
        default: break
        }
        return [(envelope, peer)]
    }

    private func changed(manifest envelope: Envelope) -> Envelope {
        guard var manifest = try? Manifest(decoding: envelope.body) else { return envelope }
        let indices = manifest.callbacks.indices
        switch self.mutant {
        case .manifestHalved: manifest.callbacks.removeLast(manifest.callbacks.count / 2)
        case .concurrencyIgnored: for index in indices { manifest.callbacks[index].concurrency = 64 }
        case .creditsIgnored: manifest.concurrency = nil
        case .filterIgnored: for index in indices { manifest.callbacks[index].filter = nil }
        case .keysIgnored:
            for index in indices where !manifest.callbacks[index].keys.isEmpty {
                manifest.callbacks[index].keys = ["a", "b", "c"].map { KeyClaim(key: $0, fields: ["f"]) }
            }
        default: return envelope
        }
        return Envelope(envelope.header, body: manifest.encoded())
    }

    // MARK: What it says

    /// - Returns: What is said in its place, and what the core hears upon it.
    mutating func said(
        _ envelope: Envelope,
        to peer: PeerID,
        at now: MonotonicTime
    ) -> ([RouterAction], [DispatcherInput]) {
        let usual: ([RouterAction], [DispatcherInput]) = ([.send(envelope, to: peer)], [])
        switch (envelope.header.kind, self.mutant) {
        case (.call, _): return self.saidCall(envelope, to: peer)
        case (.cancel, .noCancel), (.table, .tableNotTold): return ([], [])
        case (.reply, .answeredTwice): return (usual.0 + usual.0, [])
        case (.table, .epochKept), (.reply, .epochKept):
            var header = envelope.header
            header.epoch = min(header.epoch, 2)
            return ([.send(Envelope(header, metadata: envelope.metadata, body: envelope.body), to: peer)], [])
        default: return usual
        }
    }

    private mutating func saidCall(_ envelope: Envelope, to peer: PeerID) -> ([RouterAction], [DispatcherInput]) {
        var header = envelope.header
        let isExit = ScopeWords(envelope.metadata)?.isExit == true
        guard let token = CallToken.read(envelope.body) else { return ([.send(envelope, to: peer)], []) }
        self.sent[header.callID] = Sent(peer: peer, token: token, isExit: isExit, target: header.target)
        if !isExit { self.newest[token] = header.callID }
        let isFirst = self.told.insert(token).inserted
        switch self.mutant {
        case .shadowForgotten where self.shadows.contains(peer):
            let reply = Header(kind: .reply, flags: MessageFlags(.continue), callID: header.callID)
            return ([], [.receive(Envelope(reply), from: peer)])
        case .exitDropped where isExit, .toldToOne where header.target == "callback/sim/tell" && !isFirst:
            let reply = Header(kind: .reply, flags: MessageFlags(.continue), callID: header.callID)
            return ([], [.receive(Envelope(reply), from: peer)])
        case .exitRepeated where isExit, .askedTwice where !isExit && token % 5 == 0:
            var again = header
            again.callID |= 1 << 63
            let copy = Envelope(again, metadata: envelope.metadata, body: envelope.body)
            return ([.send(envelope, to: peer), .send(copy, to: peer)], [])
        case .budgetNotPassedOn:
            header.budgetMilliseconds = self.budgets[token] ?? header.budgetMilliseconds
            return ([.send(Envelope(header, metadata: envelope.metadata, body: envelope.body), to: peer)], [])
        default:
            return ([.send(envelope, to: peer)], [])
        }
    }

    // MARK: Its books

    /// The place in the operator's configuration of a module that the core has somewhere else.
    func place(_ module: Int, of moduleCount: Int) -> Int {
        self.mutant == .orderByChance ? moduleCount - 1 - module : module
    }

    func change(_ books: inout DispatcherBooks, moduleCount: Int) {
        switch self.mutant {
        case .orderByChance:
            for index in books.entries.indices {
                books.entries[index].module = books.entries[index].module.map { self.place($0, of: moduleCount) }
            }
        case .booksNotDecremented:
            for index in books.entries.indices {
                books.entries[index].outgoing += self.answered[books.entries[index].peer] ?? 0
            }
        case .epochKept: books.epoch = min(books.epoch, 2)
        default: break
        }
    }
}
