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
        var configuration = DispatcherConfiguration(
            modules: try platform.modules.map(Self.module) + PlatformConfiguration.peerServices.map { .service($0) },
            catalogue: try Self.catalogue(platform),
            reservedPrefixes: platform.gateway.reserved,
            incarnation: String(UInt64.random(in: .min ... .max), radix: 16)
        )
        configuration.cacheEndpoint = platform.cache.isConfigured ? platform.cache.connect : nil
        configuration.heartbeatMilliseconds = Self.milliseconds(platform.bus.heartbeat)
        configuration.bodySizeMax = platform.bus.bodyBytesMax
        configuration.budgetMillisecondsMax = Self.milliseconds(platform.callbacks.budget)
        return configuration
    }

    private static func module(_ module: PlatformConfiguration.Module) throws -> DispatcherConfiguration.Module {
        .init(
            id: module.id,
            configuration: try JSONValue(parsing: Payload(module.config)),
            configurationPath: module.configKeyPath,
            allowedRoutes: module.allow.routes,
            allowedCallbacks: module.allow.callbacks
        )
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
