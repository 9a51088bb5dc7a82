import Foundation
public import Logging
public import ServiceLifecycle
import UnixSignals

/// The life of a service's process, from its configuration file to its exit status.
public enum ServiceProcess {
    /// After SIGTERM what still runs is cancelled when this has passed: calls in flight have had the time to be answered.
    public static let shutdownMax = Duration.milliseconds(1750)
    /// After SIGTERM a process ends by itself when this has passed, whatever does not stop.
    ///
    /// A supervisor that stops everything kills what is left after three seconds, of which modules have the last 2.25.
    public static let exitMax = Duration.milliseconds(2000)

    /// Reads the configuration, bootstraps logging and runs services until one ends, a signal comes or the lifeline breaks.
    ///
    /// Errors are printed to stderr for the person who started the process.
    ///
    /// - Parameters:
    ///   - name: the name of the executable, also the label of its log lines.
    ///   - configurationFile: path of the platform's configuration.
    ///   - services: builds the services from the checked configuration.
    /// - Returns: the exit status: 0, 1 for a failure, 78 for a configuration error.
    public static func run(
        _ name: String,
        configurationFile: String,
        services: (PlatformConfiguration, Logger) async throws -> [any Service]
    ) async -> Int32 {
        do {
            let configuration = try PlatformConfiguration(contentsOf: configurationFile)
            let logger = ServiceLogging.bootstrap(name, configuration: configuration.log)
            for warning in configuration.warnings {
                logger.warning("configuration warning", metadata: ["warning": "\(warning)"])
            }
            return await Self.run(logger: logger) { try await services(configuration, logger) }
        } catch {
            Self.print(error, name: name)
            return ExitStatus.configurationError
        }
    }

    /// Runs services until one ends, a signal comes or the lifeline breaks.
    ///
    /// - Returns: the exit status, by the rules of ``run(_:configurationFile:services:)``.
    public static func run(logger: Logger, services: () async throws -> [any Service]) async -> Int32 {
        // A reader of our output that goes away is an error of one write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let deadline = ExitDeadline(after: Self.exitMax, logger: logger)
        defer { deadline.disarm() }
        do {
            let lifeline =
                Lifeline(environment: ProcessInfo.processInfo.environment).map { [$0] as [any Service] } ?? []
            var group = ServiceGroupConfiguration(
                services: try await (services() + lifeline + [deadline]).map { service in
                    .init(
                        service: service,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
            group.maximumGracefulShutdownDuration = Self.shutdownMax
            try await ServiceGroup(configuration: group).run()
            return ExitStatus.success
        } catch let error as ConfigurationError {
            Self.print(error, name: logger.label)
            return ExitStatus.configurationError
        } catch {
            logger.critical("ended by an error", metadata: ["error": "\(error)"])
            return ExitStatus.failure
        }
    }

    private static func print(_ error: any Error, name: String) {
        FileHandle.standardError.write(Data("\(name): configuration error\n\(error)\n".utf8))
    }
}
