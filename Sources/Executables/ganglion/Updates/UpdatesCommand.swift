import ArgumentParser

/// `ganglion updates`: long operations on databases, and what an operator does with them.
struct UpdatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "updates",
        abstract: "Shows background updates, follows them, and stops or starts them.",
        subcommands: [
            UpdateListCommand.self, UpdateStatusCommand.self, UpdateWatchCommand.self, UpdatePauseCommand.self,
            UpdateResumeCommand.self, UpdateRetryCommand.self, UpdateStartJobCommand.self,
        ],
        defaultSubcommand: UpdateListCommand.self
    )

    /// Where the gateway has them, below the admin surface.
    static let path = "background_updates"
}
