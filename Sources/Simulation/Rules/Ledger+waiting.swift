import Callbacks
import MessageBus
import WireProtocol

// MARK: Calls that have not been made yet

extension Ledger {
    /// One member of a call; the members of methods' calls are at no position.
    struct Place: Hashable {
        var token: Int
        var position: Int
    }

    /// Reads in the books who waits, which is no message; all else about it follows from what was said.
    mutating func noteWaiters() {
        self.waiting = []
        self.newWaiters = []
        for waiter in self.after.waiters {
            guard let token = self.keys[CallKey(peer: waiter.caller, callID: waiter.callID)],
                !self.dropped.contains(token), var call = self.calls[token]
            else { return self.report(.waiting, "\(waiter.callID) of \(waiter.caller) waits and is not owed a reply") }
            var position = -1
            if case .callback(let index) = call.subject, index == waiter.column {
                guard let place = call.members.firstIndex(of: waiter.module), call.hearings[place] == nil,
                    !call.wasAsked[place], !call.isFiltered(place)
                else {
                    return self.report(.waiting, "call #\(token) waits for \(self.modules[waiter.module]) and need not")
                }
                position = place
                self.note(waiter, token, &call.waits[place], index)
            } else if call.subject == .method(waiter.module), call.direct == nil {
                self.note(waiter, token, &call.directWait, nil)
            } else {
                return self.report(
                    .waiting,
                    "call #\(token) waits for \(self.modules[waiter.module]), which is not its"
                )
            }
            self.waiting.insert(Place(token: token, position: position))
            self.calls[token] = call
        }
    }

    private mutating func note(
        _ waiter: DispatcherBooks.Waiter,
        _ token: Int,
        _ wait: inout LedgerWait?,
        _ index: Int?
    ) {
        if let known = wait, known.isInLine == waiter.isInLine { return }
        // Whoever joins a lane has not been let through by anybody; whoever joins the line has, and from a lane last of all.
        if let index, wait != nil {
            self.turns.append((token, self.row(waiter.module, index)))
        } else if waiter.isInLine, let index {
            self.checkAdmission(token, self.row(waiter.module, index))
        }
        if wait == nil { self.newWaiters.append(token) }
        wait = LedgerWait(since: self.now, deadline: waiter.deadline, isInLine: waiter.isInLine)
    }

    /// Whoever waits in line has been let through by the circuit.
    private mutating func checkAdmission(_ token: Int, _ row: Int) {
        guard let kind = self.circuits[row].refusal(at: self.now) else { return }
        self.report(.circuit, "call #\(token) waits and is to be refused as \(kind)")
    }

    private mutating func admitTurned() {
        for (token, row) in self.turns { self.checkAdmission(token, row) }
        self.turns = []
    }

    /// Nobody waits for a member before those before it have spoken, or cannot be asked.
    mutating func passOverThoseBeforeWaiters(_ call: inout LedgerCall, _ index: Int) {
        guard !self.waiting.isEmpty, self.callbacks[index].rule != .notify else { return }
        let last = call.members.indices.last { self.waiting.contains(Place(token: call.token, position: $0)) }
        guard let last else { return }
        let together = call.together(with: last)
        for position in 0..<together.lowerBound where call.hearings[position] == nil {
            guard !call.wasAsked[position], !self.waiting.contains(Place(token: call.token, position: position)) else {
                return self.report(.order, "call #\(call.token) waits before those before have answered")
            }
            self.passOver(position, &call, index)
        }
        guard
            self.reference(index).verdict(Array(call.heard.prefix(together.lowerBound)), of: call.members.count) != nil
        else { return }
        self.report(.order, "call #\(call.token) waits though all is decided")
    }

    /// Those who have waited and do neither that nor have been asked were given up, which is a failure.
    mutating func settleWaiters() {
        self.admitTurned()
        for place in self.waited.subtracting(self.waiting) where place.position >= 0 {
            guard var call = self.calls[place.token], case .callback(let index) = call.subject,
                !self.dropped.contains(place.token), !call.wasAsked[place.position]
            else { continue }
            self.passOver(place.position, &call, index)
            self.calls[place.token] = call
        }
        self.waited = self.waiting
    }

    /// Why somebody who has waited is given up; nil when there is no reason.
    mutating func reasonToGiveUp(_ wait: LedgerWait, _ module: Int, _ index: Int, _ call: LedgerCall) -> FailureKind? {
        guard !self.isOver(wait.deadline) else { return .overloaded }
        let row = self.row(module, index)
        if !wait.isInLine { self.admitTurned() }
        let kind =
            wait.isInLine ? self.circuits[row].refusal(since: wait.since) : self.circuits[row].refusal(at: self.now)
        if let kind { return kind }
        guard self.isUp(module, index, self.after, call) else { return .noneUp }
        if wait.isInLine, let kind = self.refusalByUnseenTrial(row) {
            self.unseenTrials.append((call.token, row))
            return kind
        }
        return !wait.isInLine && self.isLineFull(module) ? .overloaded : nil
    }

    /// Why nobody is asked who waited before a trial of this turn: one that had to wait is seen last, when it is sent.
    private func refusalByUnseenTrial(_ row: Int) -> FailureKind? {
        guard self.isManyThings else { return nil }
        for circuit in [self.circuitsBefore[row], self.circuits[row]] {
            guard var circuit, let kind = circuit.repeated, circuit.refusal(at: self.now) == nil else { continue }
            return kind
        }
        return nil
    }

    /// Whoever was given up for a trial was given up for one that there was.
    mutating func checkUnseenTrials() {
        for (token, row) in self.unseenTrials where self.circuits[row].turn < self.now {
            let module = self.modules[row / self.callbacks.count]
            self.report(
                .everybody,
                "call #\(token): \(module) was waited for and given up, and there is no later trial"
            )
        }
        self.unseenTrials = []
    }

    /// Whether the time of somebody who waits is over: in whole milliseconds, and when nothing else has happened.
    func isOver(_ deadline: MonotonicTime) -> Bool {
        guard case .advance = self.input else { return false }
        return self.now.nanoseconds / 1_000_000 * 1_000_000 >= deadline.nanoseconds
    }

    // MARK: Lines

    func line(_ module: Int, _ books: DispatcherBooks) -> [DispatcherBooks.Waiter] {
        books.waiters.filter { $0.isInLine && $0.module == module }
    }

    func isLineFull(_ module: Int) -> Bool {
        guard self.terms.queueMax > 0 else { return true }
        return max(self.line(module, self.before).count, self.line(module, self.after).count) >= self.terms.queueMax
    }

    /// Nobody overtakes whoever waits for the same, as long as the dispatcher has one thing to do at a time.
    mutating func checkOvertaking(_ call: LedgerCall, _ module: Int, _ column: Int) {
        guard !self.before.waiters.isEmpty, !self.isManyThings else { return }
        // Of replicas with different filters one may have room, and another be waited for.
        guard !self.isPicky(module, column) else { return }
        for waiter in self.line(module, self.before) where waiter.column == column {
            guard let token = self.keys[CallKey(peer: waiter.caller, callID: waiter.callID)], token != call.token else {
                return
            }
            let position = column < self.callbacks.count ? self.calls[token]?.members.firstIndex(of: module) : -1
            guard let position, self.waiting.contains(Place(token: token, position: position)) else { continue }
            return self.report(.waiting, "call #\(call.token) overtakes #\(token) in front of \(self.modules[module])")
        }
    }

    /// Whether replicas of a module may want different calls.
    private func isPicky(_ module: Int, _ column: Int) -> Bool {
        self.registrations.values.contains { $0.module == module && $0.claims?.filters[column] != nil }
    }

    /// Whether several calls may go on with this input, in an order that no message tells.
    var isManyThings: Bool {
        switch self.input {
        case .receive(let envelope, _): ![.call, .reply].contains(envelope.header.kind)
        case .failed(_, _, .congested): false
        default: true
        }
    }

    /// No more wait than may, and nobody who could go.
    mutating func checkWaiters() {
        guard !self.after.waiters.isEmpty else { return }
        for module in self.modules.indices {
            let line = self.line(module, self.after)
            if line.count > self.terms.queueMax {
                self.report(.waiting, "\(line.count) wait for \(self.modules[module])")
            }
            var seen: Set<Int> = []
            for waiter in line where seen.insert(waiter.column).inserted || self.isPicky(module, waiter.column) {
                self.checkNeed(waiter)
            }
        }
        for waiter in self.after.waiters where !waiter.isInLine { self.checkLane(of: waiter) }
    }

    private mutating func checkNeed(_ waiter: DispatcherBooks.Waiter) {
        guard let token = self.keys[CallKey(peer: waiter.caller, callID: waiter.callID)], let call = self.calls[token]
        else { return }
        let index = waiter.column < self.callbacks.count ? waiter.column : -1
        let replicas = self.replicas(waiter.module, index, self.after, call)
        guard replicas.isEmpty || replicas.contains(where: { self.hasRoom($0, index) }) else { return }
        self.report(
            .waiting,
            "call #\(token) waits for \(self.modules[waiter.module]), "
                + (replicas.isEmpty ? "which is not there" : "which has room")
        )
    }

    // MARK: Lanes

    /// What orders a piece of news; nil when nothing does.
    func lane(_ index: Int, _ call: LedgerCall) -> JSONValue? {
        self.callbacks[index].isOrdered ? call.arguments.who : nil
    }

    /// How many wait in a lane, and whether anybody is being told in it.
    func laneState(_ index: Int, _ module: Int, _ lane: JSONValue, _ books: DispatcherBooks) -> (Int, isTelling: Bool) {
        let waiting = books.waiters.count { waiter in
            guard waiter.column == index, waiter.module == module, !waiter.isInLine,
                let token = self.keys[CallKey(peer: waiter.caller, callID: waiter.callID)]
            else { return false }
            return self.calls[token]?.arguments.who == lane
        }
        let isTelling = self.steps.values.contains {
            $0.callback == index && $0.module == module && $0.lane == lane && !$0.isShadow
        }
        let isInLine = self.line(module, books).contains { waiter in
            guard waiter.column == index, let token = self.keys[CallKey(peer: waiter.caller, callID: waiter.callID)]
            else { return false }
            return self.calls[token]?.arguments.who == lane
        }
        return (waiting, isTelling || isInLine)
    }

    private mutating func checkLane(of waiter: DispatcherBooks.Waiter) {
        guard let token = self.keys[CallKey(peer: waiter.caller, callID: waiter.callID)], let call = self.calls[token],
            let lane = self.lane(waiter.column, call)
        else { return self.report(.waiting, "\(waiter.callID) of \(waiter.caller) waits in no lane") }
        let (waiting, isTelling) = self.laneState(waiter.column, waiter.module, lane, self.after)
        if waiting > self.terms.queueMax { self.report(.waiting, "\(waiting) wait in the lane of \(lane)") }
        if !isTelling { self.report(.waiting, "call #\(token) waits in the lane of \(lane), in which nobody is told") }
    }

    /// Of one lane one piece of news at a time reaches a module, in the order in which they came.
    mutating func checkTurn(_ call: LedgerCall, _ module: Int, _ index: Int, _ lane: JSONValue) {
        let name = self.callbacks[index].name
        if let other = self.steps.values.first(where: {
            $0.callback == index && $0.module == module && $0.lane == lane && !$0.isShadow
        }) {
            return self.report(.order, "\(name) #\(call.token) is told while #\(other.token ?? 0) of the same lane is")
        }
        for other in self.calls.values where other.number < call.number && other.subject == .callback(index) {
            guard let position = other.members.firstIndex(of: module), other.arguments.who == lane,
                self.waiting.contains(Place(token: other.token, position: position))
            else { continue }
            return self.report(.order, "\(name) #\(call.token) is told before #\(other.token), which came before it")
        }
    }
}
