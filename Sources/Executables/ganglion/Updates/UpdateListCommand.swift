import ArgumentParser
import Supervision

/// `ganglion updates list`.
struct UpdateListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the updates that are pending or declared, and why each does not move."
    )

    @OptionGroup var options: PlatformOptions

    func run() async throws {
        let answer = try await self.options.client().ask(UpdatesCommand.path)
        guard !self.options.json else { return print(String(decoding: answer, as: UTF8.self)) }
        print(try PlatformClient.decode(UpdateList.self, from: answer).text)
    }
}

/// `ganglion updates status`.
struct UpdateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what each database is at, and why nothing moves where nothing does."
    )

    @OptionGroup var options: PlatformOptions

    func run() async throws {
        let answer = try await self.options.client().ask("\(UpdatesCommand.path)/status")
        guard !self.options.json else { return print(String(decoding: answer, as: UTF8.self)) }
        print(try PlatformClient.decode(UpdateOverview.self, from: answer).text)
    }
}
