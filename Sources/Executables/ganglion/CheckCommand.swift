import ArgumentParser
import ServiceRuntime

/// Tells whether the configuration is right, as a whole.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the configuration as a whole and starts nothing."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let (configuration, processes) = try self.options.check()
        for warning in configuration.warnings { print("warning: \(warning)") }
        print("\(self.options.config) is right: \(configuration.modules.count) modules, \(processes.count) processes")
    }
}
