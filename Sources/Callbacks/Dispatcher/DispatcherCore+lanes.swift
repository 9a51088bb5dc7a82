import MessageBus
import WireProtocol

// MARK: Telling in order

extension DispatcherCore {
    /// The value by which a piece of news is ordered; nil when it has none, and then it is told at once.
    func orderValue(_ chain: Int, _ callback: Int) -> String? {
        let path = self.plans[callback].orderBy
        guard var value = try? JSONValue(parsing: self.chains[chain].body) else { return nil }
        for name in path {
            guard let next = value[name] else { return nil }
            value = next
        }
        return value.description
    }

    /// Tells a module a piece of news when those before it in its lane have been told.
    ///
    /// - Returns: nil when it is on its way or waits, or why it cannot be told.
    mutating func tell(
        _ chain: Int,
        _ module: Int,
        _ callback: Int,
        in order: String?,
        until deadline: MonotonicTime,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> FailureKind? {
        guard let value = order else {
            return self.startStep(chain, module, callback, deadline: deadline, at: now, into: &actions)
        }
        let key = OrderLanes.Key(module: module, callback: callback, value: value)
        guard let lane = self.lanes.lane(of: key) else {
            let failure = self.startStep(chain, module, callback, deadline: deadline, at: now, into: &actions)
            guard failure == nil, let id = self.chains[chain].parallelSteps.last else { return failure }
            let lane = self.lanes.begin(key, id)
            _ = self.steps.update(id) { $0.lane = Int32(lane) }
            return nil
        }
        guard deadline > now else { return .timeout }
        var step = Step(chain: chain, peer: -1, module: module, column: callback, started: now, deadline: deadline)
        step.lane = Int32(lane)
        guard self.lanes.hasRoom(lane, waitingMax: self.configuration.queueMax),
            let id = self.steps.insert(step, deadline: deadline, now: now)
        else { return .overloaded }
        self.lanes.wait(lane, id)
        self.enterChain(id, step)
        self.callCounters[self.counter(module, callback)].waited += 1
        return nil
    }

    /// Tells what has come to the front of its lane.
    mutating func takeTurn(_ id: UInt64, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard let step = self.steps[id] else { return }
        // Before its turn nobody asked whether the module may be told at all.
        if self.circuits.isKnown(self.counter(step.module, step.column)),
            let kind = self.refusal(byCircuitOf: step.module, step.column, at: now)
        {
            return self.giveUp(id, step, kind, at: now, into: &actions)
        }
        _ = self.steps.update(id) { $0.started = now }
        let failure: FailureKind?
        switch self.replica(of: step.module, for: step.column, step.chain, at: now) {
        case .peer(let peer):
            self.promote(id, to: peer, at: now, into: &actions)
            failure = nil
        case .full:
            failure = self.enterLine(id, step) ? nil : .overloaded
        case .down:
            failure = .noneUp
        }
        guard let failure else { return }
        self.giveUp(id, step, failure, at: now, into: &actions)
    }
}
