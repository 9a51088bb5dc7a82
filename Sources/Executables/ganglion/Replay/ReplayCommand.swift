import ArgumentParser
import Foundation
import ServiceRuntime
import Supervision
import WireProtocol

/// `ganglion replay`: sends recorded calls through the platform and counts the verdicts.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Sends a recording of callbacks through the platform and counts how they end.",
        discussion: """
            A recording has one call a line: {"category": "…", "callback": "…", "args": {"name": value}}. \
            The exit status is 0 when every line was a call and every call got its verdict.
            """
    )

    static let concurrencyMax = 1024

    @Argument(help: "The recording.")
    var recording: String

    @Option(help: "How many calls are in flight at a time.")
    var concurrency = 16

    @Option(help: "How long to wait for the platform to be ready, in seconds.")
    var wait = 0

    @Option(help: "How long to wait for the answer to one call, in seconds.")
    var timeout = 60

    @OptionGroup var options: PlatformOptions

    func validate() throws {
        guard (1...Self.concurrencyMax).contains(self.concurrency) else {
            throw ValidationError("--concurrency is from 1 to \(Self.concurrencyMax)")
        }
        guard (0...3600).contains(self.wait) else { throw ValidationError("--wait is from 0 to 3600 seconds") }
        guard (1...3600).contains(self.timeout) else { throw ValidationError("--timeout is from 1 to 3600 seconds") }
    }

    func run() async throws {
        let recording = try RecordingFile(self.recording)
        let client = try await PlatformClient.ready(self.options, within: .seconds(self.wait))
        var session = ReplaySession(recording, concurrency: self.concurrency, progress: StandardError.output) { call in
            await client.outcome(of: call, timeout: .seconds(self.timeout))
        }
        let (tally, elapsed) = try await session.run()
        print(self.options.json ? tally.json(elapsed: elapsed).description : tally.table(elapsed: elapsed))
        guard tally.isClean else { throw ExitCode(ExitStatus.failure) }
    }
}
