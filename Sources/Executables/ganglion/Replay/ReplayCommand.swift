import ArgumentParser
import Foundation
import ServiceRuntime
import Supervision
import WireProtocol

/// `ganglion replay FILE`: sends recorded calls through the platform and counts the verdicts.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send a recording of callbacks through the platform and count how they end.",
        discussion: """
            A recording has one call a line: {"category": "…", "callback": "…", "args": {"name": value}}.
            The exit status is 0 when every line was a call and every call got its verdict.
            """
    )

    @Argument(help: "The recording.")
    var recording: String

    @Option(help: ArgumentHelp("The platform's configuration file.", valueName: "file"))
    var config = "ganglion.yaml"

    @Option(help: "How many calls are in flight at a time, 1 to 1024.")
    var concurrency = 16

    @Option(help: ArgumentHelp("Wait so long for the platform to be ready.", valueName: "seconds"))
    var wait = 0

    @Flag(help: "Print the tally as JSON.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(self.concurrency) else {
            throw ValidationError("--concurrency has to be from 1 to 1024")
        }
        guard (0...3600).contains(self.wait) else { throw ValidationError("--wait has to be from 0 to 3600") }
    }

    func run() async throws {
        let result: ReplaySession.Result
        do {
            result = try await self.replay()
        } catch let error as ConfigurationError {
            throw Self.failure("configuration error\n\(error)", ExitStatus.configurationError)
        } catch let error as ReplayError {
            throw Self.failure(error.message, error.exitStatus)
        }
        let tally = result.tally
        print(self.json ? tally.json(elapsed: result.elapsed).description : tally.table(elapsed: result.elapsed))
        guard tally.isClean else { throw ExitCode(ExitStatus.failure) }
    }

    private func replay() async throws -> ReplaySession.Result {
        let platform = try PlatformConfiguration(contentsOf: self.config)
        let recording = try RecordingFile(self.recording)
        let gateway = ReplayGateway(platform, connections: self.concurrency)
        do {
            let token = try await gateway.token(within: .seconds(self.wait))
            var session = ReplaySession(recording, concurrency: self.concurrency, progress: Self.progress) { call in
                await gateway.outcome(of: call, token: token)
            }
            let result = try await session.run()
            try await gateway.close()
            return result
        } catch {
            try await gateway.close()
            throw error
        }
    }

    private static var progress: ReplayProgress.Output {
        isatty(STDERR_FILENO) == 1 ? .terminal : .plain
    }

    private static func failure(_ message: String, _ status: Int32) -> ExitCode {
        FileHandle.standardError.write(Data("ganglion replay: \(message)\n".utf8))
        return ExitCode(status)
    }
}
