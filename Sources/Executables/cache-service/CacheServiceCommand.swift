import ArgumentParser
import ServiceRuntime

/// What modules share of what they have looked up, and the order of invalidations.
@main
struct CacheServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache-service",
        abstract: "Keeps the results of cached functions for all processes, and tells them what is out of date."
    )

    @Option(name: .shortAndLong, help: "The platform's configuration file.")
    var config = "ganglion.yaml"

    func run() async throws {
        let status = await ServiceProcess.run("cache-service", configurationFile: self.config) { platform, logger in
            try Self.services(platform, logger: logger)
        }
        throw ExitCode(status)
    }
}
