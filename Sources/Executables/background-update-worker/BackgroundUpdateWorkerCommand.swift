import ArgumentParser
import BackgroundUpdates
import ServiceRuntime

/// The background updates of every configured database.
@main
struct BackgroundUpdateWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: BackgroundUpdateWorker.id,
        abstract: "Works the pending background updates of databases, batch by batch, paced by a controller."
    )

    @Option(name: .shortAndLong, help: "The platform's configuration file.")
    var config = "ganglion.yaml"

    func run() async throws {
        let name = BackgroundUpdateWorker.id
        let status = await ServiceProcess.run(name, configurationFile: self.config) { platform, logger in
            try Self.services(platform, logger: logger)
        }
        throw ExitCode(status)
    }
}
