import ArgumentParser
import ServiceRuntime

/// HTTP in front of the bus.
@main
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Serves the web resources of modules, the calls of hosts and the admin surface over HTTP."
    )

    @Option(name: .shortAndLong, help: "The platform's configuration file.")
    var config = "ganglion.yaml"

    func run() async throws {
        let status = await ServiceProcess.run("gateway", configurationFile: self.config) { configuration, logger in
            try Self.services(configuration, logger: logger)
        }
        throw ExitCode(status)
    }
}
