extension SupervisorCore {
    mutating func stop(at now: Duration, _ actions: inout [Action]) {
        if case .stopping = self.phase {
            self.killAll(&actions)
            return
        }
        self.phase = .stopping(stage: -1, since: now, killed: false)
        for index in self.processes.indices where self.processes[index].state.pid == nil {
            guard self.processes[index].state != .starting else { continue }
            self.setState(.stopped, of: index, &actions)
        }
    }

    /// Asks every stage to end whose time has come, and kills what has had all the time there is.
    mutating func advanceStop(at now: Duration, _ actions: inout [Action]) {
        guard case .stopping(let first, let since, let killed) = self.phase else { return }
        var stage = first
        while stage + 1 < self.limits.stopStageStarts.count {
            let due = since + self.limits.stopStageStarts[stage + 1] <= now
            guard due || self.isGone(through: stage) else { break }
            stage += 1
            self.terminate(stage, &actions)
        }
        self.phase = .stopping(stage: stage, since: since, killed: killed)
        if since + self.limits.grace <= now, !killed {
            self.killAll(&actions)
        }
    }

    /// When the core next has something to do by itself; nil when only an event can change anything.
    public var deadline: Duration? {
        if case .stopping(let stage, let since, let killed) = self.phase {
            guard !self.isFinished, !killed else { return nil }
            let next = stage + 1
            let starts = self.limits.stopStageStarts
            return since + (next < starts.count ? min(starts[next], self.limits.grace) : self.limits.grace)
        }
        return self.processes.compactMap { process -> Duration? in
            guard case .backingOff(let time) = process.state else { return nil }
            return time
        }.min()
    }

    private func isGone(through stage: Int) -> Bool {
        self.processes.allSatisfy { $0.plan.stopStage > stage || $0.state == .stopped }
    }

    private mutating func terminate(_ stage: Int, _ actions: inout [Action]) {
        for index in self.processes.indices where self.processes[index].plan.stopStage == stage {
            guard case .running(let pid, _) = self.processes[index].state else { continue }
            self.setState(.stopping(pid: pid), of: index, &actions)
            actions.append(.terminate(self.processes[index].plan.name))
        }
    }

    private mutating func killAll(_ actions: inout [Action]) {
        if case .stopping(let stage, let since, _) = self.phase {
            self.phase = .stopping(stage: stage, since: since, killed: true)
        }
        for index in self.processes.indices {
            guard let pid = self.processes[index].state.pid else { continue }
            self.setState(.stopping(pid: pid), of: index, &actions)
            actions.append(.kill(self.processes[index].plan.name))
        }
    }
}
