import ArgumentParser

/// `ganglion modules`: the modules, and the switch that takes one out of everything at once.
struct ModulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modules",
        abstract: "Shows the modules, and takes one out of every chain and path, or back in.",
        subcommands: [ModuleListCommand.self, ModuleDisableCommand.self, ModuleEnableCommand.self],
        defaultSubcommand: ModuleListCommand.self
    )
}

/// `ganglion modules list`.
struct ModuleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Shows the modules, as `ganglion status` does."
    )

    @OptionGroup var options: PlatformOptions

    func run() async throws { try await StatusCommand.show(self.options) }
}
