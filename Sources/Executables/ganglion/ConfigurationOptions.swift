import ArgumentParser
import CallbackConfiguration
import Foundation
import ServiceRuntime
import Supervision

/// Which platform a command is about, when it starts or checks one.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The configuration file.")
    var config = "ganglion.yaml"

    @Option(help: "The folder of the platform's executables; the one of this program when left out.")
    var executables: String?

    /// The checked configuration and the processes it asks for.
    ///
    /// - Throws: ``ConfigurationError`` or ``CommandFailure`` with every problem there is.
    func check() throws -> (PlatformConfiguration, [ProcessSpecification]) {
        let configuration = try PlatformConfiguration(contentsOf: self.config)
        let processes = PlatformProcesses(
            configuration,
            services: self.services,
            environment: ProcessInfo.processInfo.environment
        )
        let problems = configuration.callbackProblems + configuration.updateProblems + processes.problems
        guard problems.isEmpty else { throw CommandFailure.configuration(problems) }
        return (configuration, processes.specifications)
    }

    private var services: String {
        let current = FileManager.default.currentDirectoryPath
        if let executables { return FilePath.absolute(executables, in: current) }
        let own = Bundle.main.executableURL?.resolvingSymlinksInPath().path ?? CommandLine.arguments[0]
        return FilePath.folder(of: FilePath.absolute(own, in: current))
    }
}
