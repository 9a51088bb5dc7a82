import ArgumentParser
import Foundation
import ServiceRuntime
import Supervision

/// `ganglion call`: asks a chain of callbacks, as a host application does.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Calls a callback and shows who answered what."
    )

    @Argument(help: "The category, such as spam_checker.")
    var category: String

    @Argument(help: "The callback, such as check_event_for_spam.")
    var callback: String

    @Option(help: "The named arguments: a JSON object, @FILE, or - for standard input.")
    var args = "{}"

    @Option(help: "How long to wait for the answer, in seconds.")
    var timeout = 60

    @OptionGroup var options: PlatformOptions

    func validate() throws {
        guard (1...3600).contains(self.timeout) else { throw ValidationError("--timeout is from 1 to 3600 seconds") }
    }

    func run() async throws {
        let arguments = try self.arguments()
        let client = try self.options.client()
        let body = try await client.call(
            self.category,
            self.callback,
            arguments: arguments,
            timeout: .seconds(self.timeout)
        )
        let outcome = try CallOutcome(json: body)
        print(self.options.json ? outcome.json : outcome.text)
    }

    private func arguments() throws -> Data {
        let data = try self.argumentText()
        guard (try? JSONSerialization.jsonObject(with: data)) is [String: Any] else {
            throw ValidationError("--args has to be a JSON object of named arguments, such as '{\"event\": {}}'")
        }
        return data
    }

    private func argumentText() throws -> Data {
        if self.args == "-" {
            return FileHandle.standardInput.readDataToEndOfFile()
        }
        guard self.args.hasPrefix("@") else { return Data(self.args.utf8) }
        let file = String(self.args.dropFirst())
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ValidationError("\(file) cannot be read")
        }
        return data
    }
}
