extension SupervisorCore {
    private static let stages = 0...2

    mutating func start(_ actions: inout [Action]) {
        guard self.phase == .idle else { return }
        self.phase = .starting(stage: Self.stages.lowerBound)
        self.spawnStage(Self.stages.lowerBound, &actions)
    }

    /// Begins every stage whose former one has nobody left who still has to be started for the first time.
    mutating func advanceStart(_ actions: inout [Action]) {
        while case .starting(let stage) = self.phase {
            let pending = self.processes.contains { process in
                process.plan.startStage == stage && [.waiting, .starting].contains(process.state)
            }
            guard !pending else { return }
            guard stage < Self.stages.upperBound else {
                self.phase = .running
                return
            }
            self.phase = .starting(stage: stage + 1)
            self.spawnStage(stage + 1, &actions)
        }
    }

    mutating func started(_ name: String, pid: Int32, at now: Duration, _ actions: inout [Action]) {
        guard let index = self.index(of: name), self.processes[index].state == .starting else { return }
        guard case .stopping(_, _, let killed) = self.phase else {
            self.setState(.running(pid: pid, since: now), of: index, &actions)
            return
        }
        self.setState(.stopping(pid: pid), of: index, &actions)
        actions.append(killed ? .kill(name) : .terminate(name))
    }

    mutating func spawn(_ index: Int, _ actions: inout [Action]) {
        self.setState(.starting, of: index, &actions)
        actions.append(.spawn(self.processes[index].plan.name))
    }

    private mutating func spawnStage(_ stage: Int, _ actions: inout [Action]) {
        for index in self.processes.indices where self.processes[index].plan.startStage == stage {
            guard self.processes[index].state == .waiting else { continue }
            self.spawn(index, &actions)
        }
    }
}
