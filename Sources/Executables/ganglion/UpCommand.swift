import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import ServiceRuntime
import Supervision
import UnixSignals

/// `ganglion up`: starts the platform and stays with it.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Starts the services and the local modules, and keeps them running until Ctrl-C.",
        discussion: """
            The configuration is checked as a whole first; with an error in it nothing starts. What dies is started again, \
            what keeps dying is set aside. SIGUSR1 starts again what was set aside.
            """
    )

    /// Stopping takes five seconds at most; a group that cancelled earlier would cut it short.
    private static let shutdownMax = Duration.seconds(7)

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let (configuration, processes) = try self.options.check()
        let folder = try PlatformFolder(configuration)
        let token = try folder.prepare()
        signal(SIGPIPE, SIG_IGN)
        // Where children start: a relative path in a module's configuration means the same as in the file.
        guard FileManager.default.changeCurrentDirectoryPath(configuration.directory) else {
            throw CommandFailure.failed("\(configuration.directory) cannot be entered")
        }
        let logger = ServiceLogging.bootstrap("ganglion", configuration: configuration.log)
        for warning in configuration.warnings {
            logger.warning("configuration warning", metadata: ["warning": "\(warning)"])
        }
        defer { folder.cleanUp() }
        try await self.supervise(processes, configuration, folder, token, logger)
    }

    private func supervise(
        _ processes: [ProcessSpecification],
        _ configuration: PlatformConfiguration,
        _ folder: borrowing PlatformFolder,
        _ token: AdminToken,
        _ logger: Logger
    ) async throws {
        let supervisor = try folder.supervisor(of: processes, mirroredTo: Self.mirror, log: configuration.log)
        let startup = StartupReport(supervisor: supervisor, configuration: configuration, token: token)
        let services: [any Service] = [supervisor, startup, SetAsideRetry(supervisor: supervisor)]
        var group = ServiceGroupConfiguration(
            services: services.map { service in
                .init(
                    service: service,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "ganglion", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        group.maximumGracefulShutdownDuration = Self.shutdownMax
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as SupervisionError {
            let status = error.code == .configuration ? ExitStatus.configurationError : ExitStatus.failure
            throw CommandFailure(status: status, message: "\(error)")
        }
    }

    private static var mirror: Supervisor.Mirror {
        let coloured = StandardError.isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        return .descriptor(STDERR_FILENO, coloured: coloured)
    }
}
