extension SupervisorCore {
    private static let configurationErrorStatus = ProcessExit.status(78)

    mutating func exited(
        _ name: String,
        _ exit: ProcessExit,
        lastWords: String,
        at now: Duration,
        _ actions: inout [Action]
    ) {
        guard let index = self.index(of: name), self.processes[index].state.pid != nil else { return }
        if case .stopping = self.phase {
            self.setState(.stopped, of: index, &actions)
            return
        }
        if case .running(_, let since) = self.processes[index].state, now - since >= self.limits.healthyAfter {
            self.processes[index].backoffStep = 0
        }
        let reason = lastWords.isEmpty || !exit.isOwnDoing ? exit.description : "\(exit): \(lastWords)"
        if exit == Self.configurationErrorStatus {
            self.processes[index].reason = reason
            self.setState(.configurationError, of: index, &actions)
        } else {
            self.failed(name, reason: reason, at: now, &actions)
        }
    }

    /// Counts a failure, then backs off or sets the process aside.
    mutating func failed(_ name: String, reason: String, at now: Duration, _ actions: inout [Action]) {
        guard let index = self.index(of: name) else { return }
        self.processes[index].reason = reason
        if case .stopping = self.phase {
            self.setState(.stopped, of: index, &actions)
            return
        }
        self.processes[index].failures.removeAll { now - $0 > self.limits.failureWindow }
        self.processes[index].failures.append(now)
        if self.processes[index].failures.count >= self.limits.failuresMax, self.mayQuarantine(index) {
            let window = self.limits.failureWindow.components.seconds
            self.processes[index].reason =
                "failed \(self.limits.failuresMax) times within \(window) s; the last time it \(reason)"
            self.setState(.quarantined, of: index, &actions)
        } else {
            self.processes[index].failures = self.processes[index].failures.suffix(self.limits.failuresMax)
            self.setState(.backingOff(until: now + self.backoff(of: index)), of: index, &actions)
        }
    }

    mutating func retrySetAside(_ actions: inout [Action]) {
        if case .stopping = self.phase { return }
        for index in self.processes.indices where self.processes[index].state.isSetAside {
            self.processes[index].failures = []
            self.processes[index].backoffStep = 0
            self.processes[index].restarts += 1
            self.spawn(index, &actions)
        }
    }

    mutating func spawnDue(at now: Duration, _ actions: inout [Action]) {
        for index in self.processes.indices {
            guard case .backingOff(let time) = self.processes[index].state, time <= now else { continue }
            self.processes[index].restarts += 1
            self.spawn(index, &actions)
        }
    }

    private func mayQuarantine(_ index: Int) -> Bool {
        !self.processes[index].plan.isEssential || !self.wasReady
    }

    /// Half of the wait is fixed and half is drawn: replicas that died together spread out, and none comes back at once.
    private mutating func backoff(of index: Int) -> Duration {
        let step = self.processes[index].backoffStep
        self.processes[index].backoffStep = min(step + 1, 30)
        let whole = min(self.limits.backoffMin * (1 << step), self.limits.backoffMax)
        return whole / 2 + whole / 2 * Double.random(in: 0...1, using: &self.generator)
    }
}
