extension PlatformStatus {
    /// The status for people: the services, the modules, and below what they were refused or warned of.
    public var text: String {
        let remarks = self.modules.flatMap(\.remarkLines) + self.serviceLines
        let parts = [self.serviceTable, self.moduleTable, remarks.joined(separator: "\n")]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private var moduleTable: String {
        guard !self.modules.isEmpty else { return "no modules are configured" }
        var table = TextTable(["#", "MODULE", "VERSION", "STATE", "INSTANCES", "CALLS", "FAIL-OPEN", "GRANTED"])
        for module in self.modules {
            table.add([
                module.position.map(String.init) ?? "-",
                module.id,
                module.version.flatMap { $0.isEmpty ? nil : $0 } ?? "-",
                module.disabled == nil ? module.state : "disabled",
                String(module.instances.count),
                String(module.instances.reduce(0) { $0 + ($1.calls ?? 0) }),
                String(module.failOpens ?? 0),
                module.granted,
            ])
        }
        return table.text
    }

    /// The processes of the platform itself, where a supervisor knows of them.
    private var serviceTable: String {
        guard !self.services.isEmpty else { return "" }
        var table = TextTable(["SERVICE", "STATE", "PID", "RESTARTS"])
        for service in self.services {
            table.add([
                service.name, service.state, service.pid.map(String.init) ?? "-", String(service.restarts),
            ])
        }
        return table.text
    }

    private var services: [SupervisorState.Process] {
        (self.processes ?? []).filter { $0.module == nil }
    }

    /// The platform's own services that do not run.
    private var serviceLines: [String] {
        self.services.filter { !$0.isRunning }.map { "\($0.name): \($0.state): \($0.reason ?? "")" }
    }
}

extension ModuleReport {
    private static let grantedMax = 4

    fileprivate var granted: String {
        let all = self.callbacks + self.routes
        guard !all.isEmpty else { return "-" }
        let more = all.count - Self.grantedMax
        return all.prefix(Self.grantedMax).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    /// The circuits that are open now.
    private var circuitLines: [String] {
        self.circuits.filter(\.value.open).sorted { $0.key < $1.key }.map { callback, circuit in
            "\(self.id): the circuit of \(callback) is open: \(circuit.failure) is repeated without asking it"
        }
    }

    fileprivate var remarkLines: [String] {
        (self.disabled.map { ["\(self.id): \($0.text)"] } ?? []) + self.reasons.map { "\(self.id): \($0.text)" }
            + self.warnings.map { "\(self.id): warning: \($0.text)" } + self.circuitLines
    }
}
