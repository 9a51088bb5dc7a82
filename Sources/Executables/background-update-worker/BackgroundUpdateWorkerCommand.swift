import ArgumentParser
import BackgroundUpdates
import ServiceRuntime
import ZeroMQ

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
        let loop = PollLoop(label: "updates")
        let name = BackgroundUpdateWorker.id
        let status = await ServiceProcess.run(name, configurationFile: self.config) { platform, logger in
            let services = try Self.services(platform, loop: loop, logger: logger)
            try loop.start()
            return services
        }
        loop.stop()
        throw ExitCode(status)
    }
}
