import ArgumentParser
import ServiceRuntime

/// The bus and everything that is decided on it.
@main
struct CallbackDispatcherCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callback-dispatcher",
        abstract: "Binds the bus, registers modules and answers calls to their callbacks and web resources."
    )

    @Option(name: .shortAndLong, help: "The platform's configuration file.")
    var config = "ganglion.yaml"

    func run() async throws {
        let name = "callback-dispatcher"
        let status = await ServiceProcess.run(name, configurationFile: self.config) { platform, logger in
            try Self.services(platform, logger: logger)
        }
        throw ExitCode(status)
    }
}
