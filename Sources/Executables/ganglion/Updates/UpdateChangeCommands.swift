import ArgumentParser
import WireProtocol

/// Which update a command is about.
struct UpdateChoice: ParsableArguments {
    @Option(help: "The database it is in, where several have one of that name.")
    var database: String?

    func arguments(_ name: String, as key: String = "update_name") -> JSONObject {
        var arguments: JSONObject = [key: .string(name)]
        arguments["database"] = self.database.map(JSONValue.string)
        return arguments
    }
}

/// What lets one update or all of them run, or keeps them from it.
struct UpdateSwitch: ParsableArguments {
    @Argument(help: "The update; all updates when left out.")
    var name: String?

    @OptionGroup var choice: UpdateChoice
    @OptionGroup var options: PlatformOptions

    func turn(on isEnabled: Bool) async throws {
        let client = try self.options.client()
        guard let name else {
            _ = try await client.ask("\(UpdatesCommand.path)/enabled", ["enabled": .bool(isEnabled)])
            return print("background updates are \(isEnabled ? "enabled" : "disabled")")
        }
        let arguments = JSONValue.object(self.choice.arguments(name))
        _ = try await client.ask("\(UpdatesCommand.path)/\(isEnabled ? "resume" : "pause")", arguments)
        print("\(name) \(isEnabled ? "goes on" : "is paused")")
    }
}

/// `ganglion updates pause`.
struct UpdatePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pauses an update, or all updates; the batch in hand ends first. Kept over restarts."
    )

    @OptionGroup var update: UpdateSwitch

    func run() async throws { try await self.update.turn(on: false) }
}

/// `ganglion updates resume`.
struct UpdateResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lets a paused update, or all updates, go on."
    )

    @OptionGroup var update: UpdateSwitch

    func run() async throws { try await self.update.turn(on: true) }
}

/// `ganglion updates retry`.
struct UpdateRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Tries an update again that was set aside or backs off."
    )

    @Argument(help: "The update.")
    var name: String

    @OptionGroup var choice: UpdateChoice
    @OptionGroup var options: PlatformOptions

    func run() async throws {
        let arguments = JSONValue.object(self.choice.arguments(self.name))
        _ = try await self.options.client().ask("\(UpdatesCommand.path)/retry", arguments)
        print("\(self.name) is tried again")
    }
}

/// `ganglion updates start-job`.
struct UpdateStartJobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start-job",
        abstract: "Queues a job: a declared update, or one of the original's.",
        discussion: "The original's are populate_stats_process_rooms, regenerate_directory and event_resign."
    )

    @Argument(help: "The job.")
    var job: String

    @Option(help: "The key to sign with, of event_resign.")
    var oldKey: String?

    @Option(help: "Events before this time in ms since 1970, of event_resign.")
    var beforeTs: Int64?

    @OptionGroup var choice: UpdateChoice
    @OptionGroup var options: PlatformOptions

    func run() async throws {
        var arguments = self.choice.arguments(self.job, as: "job_name")
        arguments["old_key"] = self.oldKey.map(JSONValue.string)
        arguments["before_ts"] = self.beforeTs.map(JSONValue.integer)
        _ = try await self.options.client().ask("\(UpdatesCommand.path)/start_job", .object(arguments))
        print("\(self.job) is queued")
    }
}
