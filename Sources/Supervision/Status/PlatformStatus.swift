/// The modules of a platform: what the gateway says of them, with what only the supervisor knows.
public struct PlatformStatus: Sendable, Hashable, Codable {
    public var epoch: UInt64?
    public var modules: [ModuleReport]
    /// The processes started here; absent when no supervisor runs in this folder.
    public var processes: [SupervisorState.Process]?

    /// Creates a status.
    public init(epoch: UInt64?, modules: [ModuleReport]) {
        self.epoch = epoch
        self.modules = modules
    }

    /// This status with what the supervisor knows.
    ///
    /// A process that is set aside or waits for its restart explains a module that is not there: the module gets that state
    /// and the reason, unless other instances of it serve, in which case the reason is a warning.
    public func merged(with supervisor: SupervisorState?) -> Self {
        guard let supervisor else { return self }
        var merged = self
        merged.processes = supervisor.processes
        for process in supervisor.processes {
            guard let id = process.module, !process.isRunning else { continue }
            merged.take(process, of: id)
        }
        return merged
    }

    private mutating func take(_ process: SupervisorState.Process, of id: String) {
        if !self.modules.contains(where: { $0.id == id }) {
            self.modules.append(ModuleReport(id: id, state: process.state))
        }
        for index in self.modules.indices where self.modules[index].id == id {
            let remark = ModuleReport.Remark(
                code: process.state,
                item: process.name == id ? nil : process.name,
                message: process.reason ?? process.state
            )
            if Self.serving.contains(self.modules[index].state) {
                self.modules[index].warnings.append(remark)
            } else {
                // The dispatcher's word for a configuration error stays: its reason has the path.
                self.modules[index].state = process.isSetAside ? process.state : self.modules[index].state
                self.modules[index].reasons.append(remark)
            }
        }
    }

    private static let serving: Set<String> = ["ready", "draining", "unresponsive"]

    /// Ids of modules that will not get any further by themselves.
    public var settled: Set<String> {
        let states: Set<String> = ["ready", "refused", "configuration_error", "quarantined"]
        return Set(self.modules.filter { states.contains($0.state) }.map(\.id))
    }
}
