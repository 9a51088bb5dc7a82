import Logging
public import ServiceRuntime

/// The processes that a configuration asks for, with what it asks for and cannot have.
public struct PlatformProcesses: Sendable {
    /// Everything to start, the platform's services first.
    public private(set) var specifications: [ProcessSpecification] = []
    /// Executables that are not there.
    public private(set) var problems: [ConfigurationProblem] = []

    /// Works out the processes of a platform.
    ///
    /// - Parameters:
    ///   - configuration: a checked configuration.
    ///   - services: the folder of the platform's own executables, absolute.
    ///   - environment: what the processes inherit.
    public init(_ configuration: PlatformConfiguration, services: String, environment: [String: String]) {
        self.addService("callback-dispatcher", role: .dispatcher, configuration, services, environment)
        if configuration.cache.isConfigured {
            self.addService("cache-service", role: .cache, configuration, services, environment)
        }
        self.addService("gateway", role: .gateway, configuration, services, environment)
        if !configuration.databases.isEmpty, configuration.backgroundUpdates.workers > 0 {
            let workers = configuration.backgroundUpdates.workers
            self.addService(
                "background-update-worker",
                role: .worker,
                count: workers,
                configuration,
                services,
                environment
            )
        }
        let finder = ExecutableFinder(directory: configuration.directory, services: services, environment: environment)
        for module in configuration.modules {
            self.add(module, configuration, finder, environment)
        }
    }

    private mutating func addService(
        _ name: String,
        role: ProcessPlan.Role,
        count: Int = 1,
        _ configuration: PlatformConfiguration,
        _ services: String,
        _ environment: [String: String]
    ) {
        guard let executable = ExecutableFinder(services: services).find(name) else {
            let message = "the executable `\(name)` is not in \(services): build the platform, or name its folder"
            self.problems.append(.init(file: configuration.file, location: nil, keyPath: "", message: message))
            return
        }
        let arguments = ["--config", configuration.file]
        let command = ProcessCommand(executable: executable, arguments: arguments, environment: environment)
        for instance in 1...count {
            let label = Self.label(name, instance, of: count)
            self.specifications.append(.init(plan: .init(name: label, role: role), command: command))
        }
    }

    private mutating func add(
        _ module: PlatformConfiguration.Module,
        _ configuration: PlatformConfiguration,
        _ finder: ExecutableFinder,
        _ environment: [String: String]
    ) {
        guard let run = module.run, let name = run.first else { return }
        guard let executable = finder.find(name) else {
            let places = name.contains("/") ? FilePath.absolute(name, in: finder.directory) : finder.places
            let path = "modules[\(module.position - 1)].run[0]"
            self.problems.append(configuration.problem(at: path, "there is no executable `\(name)` in \(places)"))
            return
        }
        for instance in 1...module.instances {
            let command = ProcessCommand(
                executable: executable,
                arguments: Array(run.dropFirst()),
                environment: Self.environment(of: module, configuration, environment)
            )
            let label = Self.label(module.id, instance, of: module.instances)
            self.specifications.append(
                .init(plan: .init(name: label, role: .module), command: command, module: module.id)
            )
        }
    }

    private static func label(_ name: String, _ instance: Int, of count: Int) -> String {
        count == 1 ? name : "\(name).\(instance)"
    }

    /// What a module needs to find the bus; it does not read the platform's file.
    private static func environment(
        of module: PlatformConfiguration.Module,
        _ configuration: PlatformConfiguration,
        _ inherited: [String: String]
    ) -> [String: String] {
        let log = configuration.log.overridden(by: inherited)
        return inherited.merging(
            [
                "GANGLION_BUS": configuration.bus.connect,
                "GANGLION_MODULE": module.id,
                "GANGLION_LOG_LEVEL": log.level.rawValue,
                "GANGLION_LOG_FORMAT": log.format.rawValue,
            ]
        ) { _, new in new }
    }
}

extension ExecutableFinder {
    fileprivate var places: String { "\(self.directory), the folder of ganglion, or PATH" }
}
