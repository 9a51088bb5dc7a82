import Foundation

/// Writes `run/supervisor.json`, so that a reader finds the old or the new state and never half of one.
struct SupervisorStateFile {
    private let path: String
    private let modules: [String: String]

    init(_ path: String, specifications: [ProcessSpecification]) {
        self.path = path
        self.modules = specifications.reduce(into: [:]) { $0[$1.plan.name] = $1.module }
    }

    /// The file only informs: when it cannot be written the processes are supervised all the same.
    func write(_ processes: [SupervisedProcess]) {
        let state = SupervisorState(supervisor: getpid(), processes: processes.map(self.entry))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(state) else { return }
        try? data.write(to: URL(filePath: self.path), options: .atomic)
    }

    private func entry(_ process: SupervisedProcess) -> SupervisorState.Process {
        SupervisorState.Process(
            name: process.plan.name,
            module: self.modules[process.plan.name],
            state: process.state.word,
            pid: process.state.pid,
            restarts: process.restarts,
            reason: process.reason.isEmpty ? nil : process.reason
        )
    }
}
