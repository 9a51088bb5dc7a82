import MessageBus
import WireProtocol

// MARK: Waiting for room

extension DispatcherCore {
    /// Lets a call wait for a replica of its module.
    ///
    /// - Returns: nil when it waits, or why it cannot.
    mutating func wait(_ step: Step, at now: MonotonicTime) -> FailureKind? {
        guard self.modules[step.module].line.count < self.configuration.queueMax,
            let id = self.steps.insert(step, deadline: step.deadline, now: now)
        else { return .overloaded }
        _ = self.enterLine(id, step)
        self.callCounters[self.counter(step.module, step.column)].waited += 1
        self.enterChain(id, step)
        return nil
    }

    /// - Returns: false when as many wait as may.
    mutating func enterLine(_ id: UInt64, _ step: Step) -> Bool {
        guard self.modules[step.module].line.count < self.configuration.queueMax else { return false }
        let waiter = WaitingLine.Waiter(id: id, column: step.column)
        self.modules[step.module].line.append(waiter)
        return true
    }

    /// Sends what has been waiting and can go now; called when everything else that an event changes has been changed.
    @inline(__always)
    mutating func settleWaiting(at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard !self.turns.isEmpty || !self.modulesWithRoom.isEmpty else { return }
        self.sendWaiting(at: now, into: &actions)
    }

    private mutating func sendWaiting(at now: MonotonicTime, into actions: inout [RouterAction]) {
        while true {
            // First, or a lane in which there is always news would take whatever room its own news make.
            if let module = self.modulesWithRoom.popLast() {
                self.settleLine(of: module, at: now, into: &actions)
            } else if let id = self.turns.popLast() {
                self.takeTurn(id, at: now, into: &actions)
            } else {
                return
            }
        }
    }

    /// Looks at all modules for which calls wait: replicas have come or gone.
    mutating func reconsiderWaiting() {
        for module in self.modules.indices where !self.modules[module].line.isEmpty {
            self.modules[module].line.replicasChanged()
            self.modulesWithRoom.append(module)
        }
    }

    private mutating func settleLine(of module: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        if self.modules[module].line.takeStaleness() { self.giveUpUnserved(module, at: now, into: &actions) }
        var blocked: [Int] = []
        while let waiter = self.nextWaiter(for: module, &blocked) {
            guard let step = self.steps[waiter.id] else {
                self.modules[module].line.remove(waiter.id)
                continue
            }
            if let kind = self.refusal(byCircuitOf: step) {
                self.giveUp(waiter.id, step, kind, at: now, into: &actions)
                continue
            }
            switch self.replica(of: module, for: step.column, step.chain, at: now) {
            case .peer(let peer):
                self.modules[module].line.remove(waiter.id)
                self.promote(waiter.id, to: peer, at: now, into: &actions)
            case .full:
                guard self.isPicky(module, step.column) else {
                    blocked.append(step.column)
                    continue
                }
                let places = self.replicasWithRoom(module, step.column)
                if places.isEmpty { blocked.append(step.column) }
                self.modules[module].line.note(waiter.id, unwantedBy: places)
            case .down:
                self.giveUp(waiter.id, step, .noneUp, at: now, into: &actions)
            }
        }
    }

    /// Gives up those for whom there is no replica any more, also behind others for whom there is one that has no room.
    private mutating func giveUpUnserved(_ module: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        for waiter in self.modules[module].line.waiters {
            guard let step = self.steps[waiter.id],
                self.replica(of: module, for: step.column, step.chain, at: now) == .down
            else { continue }
            let kind = self.refusal(byCircuitOf: step) ?? .noneUp
            self.giveUp(waiter.id, step, kind, at: now, into: &actions)
        }
    }

    /// The first who waits for a callback that is not blocked.
    ///
    /// Of one whose replicas take different calls, it is the first that one with room may take.
    private func nextWaiter(for module: Int, _ blocked: inout [Int]) -> WaitingLine.Waiter? {
        while let waiter = self.modules[module].line.first(except: blocked) {
            guard self.isPicky(module, waiter.column), !waiter.unwantedBy.isEmpty else { return waiter }
            let places = self.replicasWithRoom(module, waiter.column)
            if let wanted = self.modules[module].line.first(for: waiter.column, of: places) { return wanted }
            blocked.append(waiter.column)
        }
        return nil
    }

    /// Whether the replicas of a module do not all take the same calls of a column.
    private func isPicky(_ module: Int, _ column: Int) -> Bool {
        guard self.modules[module].isMixed else { return false }
        // Not all have the same paths and names either.
        guard self.isCallback(column) else { return true }
        return self.modules[module].replicas.contains { self.peers[$0].filters[column] != nil }
    }

    private func replicasWithRoom(_ module: Int, _ column: Int) -> [Int] {
        self.modules[module].replicas.filter { place in
            let serves = !self.isCallback(column) || self.peers[place].serves(column)
            return serves && self.peers[place].state == .ready && self.hasRoom(place, column)
        }
    }

    /// Ends a call that has waited and is not made; the line and the lane forget it with the books of the step.
    mutating func giveUp(
        _ id: UInt64,
        _ step: Step,
        _ kind: FailureKind,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard self.steps.remove(id) != nil, self.stepEnded(id, step) else { return }
        self.stepFailed(step, kind, nil, at: now, into: &actions)
    }

    /// Sends a call that has waited, with what is left of its time.
    mutating func promote(
        _ id: UInt64,
        to peer: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard var step = self.steps[id] else { return }
        step.peer = peer
        step.identity = self.peers[peer].identity
        step.started = now
        self.steps[id] = step
        self.enterReplica(step)
        self.sendCall(id, step, at: now, into: &actions)
    }
}
