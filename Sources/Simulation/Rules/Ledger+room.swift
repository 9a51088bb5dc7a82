import Callbacks
import MessageBus
import WireProtocol

// MARK: Who is not asked, and why

extension Ledger {
    /// Notes that a member was not asked, and why.
    mutating func passOver(_ position: Int, _ call: inout LedgerCall, _ index: Int) {
        guard call.hearings[position] == nil else { return }
        guard !call.isFiltered(position) else {
            call.hearings[position] = .noOpinion
            return
        }
        guard !self.waiting.contains(Place(token: call.token, position: position)) else { return }
        let module = call.members[position]
        if case .advance = self.input,
            self.isUp(module, index, self.before, call) != self.isUp(module, index, self.after, call)
        {
            call.isAmbiguous = true
        }
        let wait = call.waits[position]
        call.waits[position] = nil
        let reason =
            if let wait { self.reasonToGiveUp(wait, module, index, call) } else {
                self.reasonAgainst(module, index, call)
            }
        if let reason {
            call.hearings[position] = .failure(reason)
        } else if wait == nil, self.isManyThings, self.isFull(module, index, call) {
            // It was full, and has got room with one of the many things that happened.
            call.isAmbiguous = true
            call.hearings[position] = .failure(.overloaded)
        } else {
            let what = wait == nil ? "has room and was not asked" : "was waited for and given up"
            self.report(.everybody, "call #\(call.token): \(self.modules[module]) \(what)")
            call.hearings[position] = .noOpinion
        }
    }

    /// Why a module cannot be asked, nor waited for; nil when it can.
    private mutating func reasonAgainst(_ module: Int, _ index: Int, _ call: LedgerCall) -> FailureKind? {
        guard call.deadline > self.now else { return .timeout }
        if let lane = self.lane(index, call) {
            let (waiting, isTelling) = self.laneState(index, module, lane, self.before)
            if isTelling { return waiting >= self.terms.queueMax ? .overloaded : nil }
        }
        if let kind = self.circuits[self.row(module, index)].refusal(at: self.now) { return kind }
        let replicas = self.replicas(module, index, self.after, call)
        guard !replicas.isEmpty else { return .noneUp }
        guard !replicas.contains(where: { self.hasRoom($0, index) }) else { return nil }
        return self.isLineFull(module) ? .overloaded : nil
    }

    private func isFull(_ module: Int, _ index: Int, _ call: LedgerCall) -> Bool {
        !self.replicas(module, index, self.before, call).contains { self.hadRoom($0, index) }
    }

    func isUp(_ module: Int, _ index: Int, _ books: DispatcherBooks, _ call: LedgerCall) -> Bool {
        !self.replicas(module, index, books, call).isEmpty
    }

    /// The replicas that a call can go to: those that are ready, have registered it, and want it.
    func replicas(_ module: Int, _ index: Int, _ books: DispatcherBooks, _ call: LedgerCall) -> [PeerID] {
        var replicas: [PeerID] = []
        for entry in books.entries where entry.module == module && entry.state == .ready {
            guard index >= 0 else {
                replicas.append(entry.peer)
                continue
            }
            guard let claims = self.registrations[entry.peer]?.claims, claims.callbacks[index] != nil else { continue }
            guard claims.filters[index]?.matches(call.arguments) ?? true else { continue }
            replicas.append(entry.peer)
        }
        return replicas
    }

    func hasRoom(_ peer: PeerID, _ index: Int) -> Bool {
        var (all, same) = (0, 0)
        for step in self.steps.values where step.peer == peer {
            all += 1
            same += step.callback == index && !step.isExit ? 1 : 0
        }
        return self.hasRoom(peer, index, all, same)
    }

    /// Whether a replica had room before the input at hand.
    func hadRoom(_ peer: PeerID, _ index: Int) -> Bool {
        guard let entry = self.before.entry(peer) else { return false }
        let same = index >= 0 && index < entry.running.count ? Int(entry.running[index]) : 0
        return self.hasRoom(peer, index, entry.outgoing, same)
    }

    private func hasRoom(_ peer: PeerID, _ index: Int, _ all: Int, _ same: Int) -> Bool {
        guard let claims = self.registrations[peer]?.claims else { return false }
        guard all < min(claims.concurrency ?? self.inFlightMax, self.inFlightMax) else { return false }
        guard index >= 0 else { return true }
        return same < claims.callbacks[index] ?? 0
    }
}
