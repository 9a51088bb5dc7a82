import ArgumentParser
import Foundation
import Supervision

/// `ganglion explain`: how a call of a callback was decided.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Shows how a call of a callback was decided: each module, what it said, how long it took.",
        discussion: """
            The id is the `request_id` that the caller got with the outcome. Without one, the newest calls are listed. The dispatcher \
            keeps the newest `callbacks.explained_calls` of the configuration, and none from before its start.
            """
    )

    @Argument(help: "The request's id, such as 5b1d-12.")
    var id: String?

    @OptionGroup var options: PlatformOptions

    func run() async throws {
        let client = try self.options.client()
        let answer = try await client.ask(self.id.map { "explain/\(PlatformClient.escaped($0))" } ?? "explain")
        guard !self.options.json else { return print(String(decoding: answer, as: UTF8.self)) }
        let text =
            try self.id == nil
            ? PlatformClient.decode(DecisionList.self, from: answer).text
            : PlatformClient.decode(DecisionReport.self, from: answer).text
        print(text)
    }
}
