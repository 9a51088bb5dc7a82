extension PlatformStatus {
    /// The status for people: a table of the modules, below it what they were refused or warned of.
    public var text: String {
        guard !self.modules.isEmpty else { return "no modules are configured" }
        var table = TextTable(["#", "MODULE", "VERSION", "STATE", "INSTANCES", "CALLS", "GRANTED"])
        for module in self.modules {
            table.add([
                module.position.map(String.init) ?? "-",
                module.id,
                module.version.flatMap { $0.isEmpty ? nil : $0 } ?? "-",
                module.state,
                String(module.instances.count),
                String(module.instances.reduce(0) { $0 + ($1.calls ?? 0) }),
                module.granted,
            ])
        }
        let remarks = self.modules.flatMap(\.remarkLines) + self.serviceLines
        return ([table.text] + (remarks.isEmpty ? [] : [""]) + remarks).joined(separator: "\n")
    }

    /// The platform's own services that do not run.
    private var serviceLines: [String] {
        (self.processes ?? []).filter { $0.module == nil && !$0.isRunning }.map { process in
            "\(process.name): \(process.state): \(process.reason ?? "")"
        }
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

    fileprivate var remarkLines: [String] {
        self.reasons.map { "\(self.id): \($0.text)" } + self.warnings.map { "\(self.id): warning: \($0.text)" }
    }
}
