internal import Caching
internal import Foundation
internal import Logging
internal import MessageBus
internal import ServiceLifecycle
internal import ServiceRuntime
internal import UnixSignals
internal import WireProtocol

extension Module {
    /// Runs the module as this process, until it is told to stop: `@main` on the type is all it takes.
    ///
    /// The bus and the module's name come from the environment that `ganglion up` sets, or from the command line:
    ///
    /// | | |
    /// | --- | --- |
    /// | `GANGLION_BUS`, `--bus` | the dispatcher's endpoint, `ipc://run/bus.sock` if neither is given |
    /// | `GANGLION_MODULE`, `--module` | the module's name in the operator's configuration |
    ///
    /// The process ends with status 0 when it was told to stop, 2 for a wrong command line, 78 when the module cannot use its configuration, and 1 when it failed otherwise.
    // Concurrent, because what `@main` looks for is not bound to its caller.
    @concurrent public static func main() async {
        let status = await ModuleRunner<Self>.run(
            arguments: Array(CommandLine.arguments.dropFirst()),
            environment: ProcessInfo.processInfo.environment
        )
        exit(status.rawValue)
    }
}

/// Runs one module on a real bus.
enum ModuleRunner<Hosted: Module> {
    static func run(arguments: [String], environment: [String: String]) async -> ModuleExit {
        let options: ModuleOptions
        do {
            options = try ModuleOptions(arguments: arguments, environment: environment)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            return .usage
        }
        // A line that nobody reads any more must not end the module before it has said goodbye.
        signal(SIGPIPE, SIG_IGN)
        let logger = ServiceLogging.bootstrap(options.moduleID)
        do {
            try await self.serve(options, environment: environment, logger: logger)
            return .stopped
        } catch let farewell as BusFarewell {
            for problem in farewell.problems {
                logger.critical("\(problem.path.isEmpty ? "" : "\(problem.path): ")\(problem.message)")
            }
            return farewell.reason == .configuration ? .configuration : .failed
        } catch {
            logger.critical("module failed", metadata: ["error": "\(error)"])
            return .failed
        }
    }

    private static func serve(
        _ options: ModuleOptions,
        environment: [String: String],
        logger: Logger
    ) async throws {
        let thread = try SocketThread(label: options.moduleID)
        let cache = CacheClient(executor: thread.loop)
        let host = ModuleHost<Hosted>(moduleID: options.moduleID, logger: logger, cache: cache)
        let connection = BusConnection(
            configuration: BusConnectionConfiguration(
                endpoint: options.endpoint,
                id: options.moduleID,
                role: .module,
                version: Hosted.version
            ),
            loop: thread.loop,
            context: thread.context,
            delegate: host,
            logger: logger
        )
        host.connect(connection)
        let cacheConnection = CacheConnection(
            cache: cache,
            endpoints: host.cacheEndpoints,
            moduleID: options.moduleID,
            loop: thread.loop,
            context: thread.context,
            logger: logger
        )
        // In this order, because services are shut down in the reverse: the calls in flight may still need the cache.
        var services: [any Service] = [thread, cacheConnection, connection]
        if let lifeline = Lifeline(environment: environment) { services.append(lifeline) }
        // A handler that does not end when it is cancelled must not keep the process.
        let deadline = ExitDeadline(after: ServiceProcess.exitMax, logger: logger)
        defer { deadline.disarm() }
        services.append(deadline)
        var configuration = ServiceGroupConfiguration(
            services: services.map { service in
                .init(
                    service: service,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = ServiceProcess.shutdownMax
        try await ServiceGroup(configuration: configuration).run()
        await host.shutdown()
    }
}

/// How a module's process ends.
enum ModuleExit: Int32 {
    case stopped = 0
    case failed = 1
    case usage = 2
    /// `EX_CONFIG` of `sysexits.h`: starting it again is no use before the operator has changed something.
    case configuration = 78
}
