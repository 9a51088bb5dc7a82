import Callbacks
import Foundation
import Logging
import MessageBus
import ServiceLifecycle
import ServiceRuntime
import WireProtocol

extension CallbackDispatcherCommand {
    /// The services of the process.
    static func services(_ platform: PlatformConfiguration, logger: Logger) throws -> [any Service] {
        let configuration = try Self.dispatcherConfiguration(platform)
        for file in platform.bus.socketFiles {
            try PrivateFolder.prepare(URL(filePath: file).deletingLastPathComponent().path)
        }
        let thread = try SocketThread(label: "dispatcher")
        return [
            thread,
            CallbackDispatcher(
                configuration,
                endpoints: platform.bus.listen,
                loop: thread.loop,
                context: thread.context,
                logger: logger
            ),
        ]
    }

    private static func dispatcherConfiguration(_ platform: PlatformConfiguration) throws -> DispatcherConfiguration {
        let catalogue = try Self.catalogue(platform)
        let overrides = try platform.callbacks.overrides.map(Self.override)
        try Self.check(overrides + platform.modules.flatMap { try $0.failures.map(Self.override) }, catalogue, platform)
        var configuration = DispatcherConfiguration(
            modules: try platform.modules.map(Self.module) + PlatformConfiguration.peerServices.map { .service($0) },
            catalogue: catalogue.overridden(by: overrides),
            reservedPrefixes: platform.gateway.reserved,
            incarnation: String(UInt64.random(in: .min ... .max), radix: 16)
        )
        configuration.cacheEndpoint = platform.cache.isConfigured ? platform.cache.connect : nil
        configuration.heartbeatMilliseconds = Self.milliseconds(platform.bus.heartbeat)
        configuration.bodySizeMax = platform.bus.bodyBytesMax
        configuration.queueMax = platform.callbacks.queue
        configuration.retryPercent = platform.callbacks.retryPercent
        configuration.circuitFailures = platform.callbacks.circuitFailures
        configuration.settleMilliseconds = Self.milliseconds(platform.callbacks.settle)
        configuration.budgetMillisecondsMax = Self.milliseconds(platform.callbacks.budget)
        configuration.decisionsMax = platform.callbacks.explainedCalls
        return configuration
    }

    private static func module(_ module: PlatformConfiguration.Module) throws -> DispatcherConfiguration.Module {
        var configuration = DispatcherConfiguration.Module(
            id: module.id,
            configuration: try JSONValue(parsing: Payload(module.config)),
            configurationPath: module.configKeyPath,
            allowedRoutes: module.allow.routes,
            allowedCallbacks: module.allow.callbacks
        )
        configuration.isEnabled = module.isEnabled
        configuration.overrides = try module.failures.map(Self.override)
        return configuration
    }

    private static func override(_ override: PlatformConfiguration.CallbackOverride) throws -> PolicyOverride {
        let failures = try override.failures.map { failure in
            let action: FailureAction =
                switch failure.action {
                case .continue: .continue
                case .fail: .fail
                case .stopWith(let json): .stopWith(try JSONValue(parsing: Payload(json)))
                }
            return PolicyOverride.Failure(kind: failure.kind, action: action, keyPath: failure.keyPath)
        }
        var policy = PolicyOverride(
            CallbackPattern(override.callbacks),
            failures: failures,
            keyPath: override.keyPath
        )
        policy.deadlineMilliseconds = override.deadline.map(Self.milliseconds)
        policy.isRequired = override.isRequired
        policy.requiredModules = override.requiredModules
        return policy
    }

    /// Holds what the operator says about callbacks against the catalogue.
    private static func check(
        _ overrides: [PolicyOverride],
        _ catalogue: Catalogue,
        _ platform: PlatformConfiguration
    ) throws {
        let modules = platform.modules.map(\.id)
        let problems = overrides.flatMap { $0.problems(in: catalogue, modules: modules) }
        guard problems.isEmpty else {
            let placed = problems.map { platform.problem(at: $0.keyPath, $0.message) }
            throw ConfigurationError(.invalid, problems: placed)
        }
    }

    /// The shipped catalogue with the operator's own, if there is one.
    private static func catalogue(_ platform: PlatformConfiguration) throws -> Catalogue {
        let shipped = try Catalogue.synapse()
        guard let file = platform.callbacks.catalogue else { return shipped }
        guard let text = try? String(contentsOf: URL(filePath: file), encoding: .utf8) else {
            let message = "\(file) cannot be read as a text file"
            throw ConfigurationError(.unreadable, problems: [platform.problem(at: "callbacks.catalogue", message)])
        }
        do {
            return try shipped.adding(text, from: file)
        } catch {
            throw ConfigurationError(.invalid, problems: error.problems.map(Self.problem))
        }
    }

    private static func problem(_ problem: CatalogueError.Problem) -> ConfigurationProblem {
        let location = problem.line.map { ConfigurationLocation(line: $0, column: 1) }
        return .init(file: problem.file, location: location, keyPath: problem.keyPath, message: problem.message)
    }

    private static func milliseconds(_ duration: Duration) -> UInt32 {
        UInt32(clamping: Int64(duration / .milliseconds(1)))
    }
}
