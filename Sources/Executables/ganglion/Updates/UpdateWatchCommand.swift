import ArgumentParser
import ServiceRuntime
import Supervision

/// `ganglion updates watch`: stays until what is watched is done.
struct UpdateWatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follows updates with a progress bar until they are done.",
        discussion: """
            Ends with status 0 when nothing that is watched is pending any more, and with 1 when what is left waits for \
            somebody to do something: it is paused, set aside, or nobody has declared it; or when a name is of no update.
            """
    )

    /// Between two looks: a bar that moves, and nothing that a database would notice.
    private static let interval = Duration.milliseconds(200)

    @Argument(help: "The updates; all that are declared when left out.")
    var names: [String] = []

    @Option(help: "How long to wait for the platform, before and while, in seconds.")
    var wait = 10

    @OptionGroup var options: PlatformOptions

    func validate() throws {
        guard (0...3600).contains(self.wait) else { throw ValidationError("--wait is from 0 to 3600 seconds") }
    }

    func run() async throws {
        let start = ContinuousClock.now
        var watch = UpdateWatch(Set(self.names), output: StandardError.output)
        var heardAt = start
        var notice = WaitingNotice()
        while true {
            if let list = try await self.list(since: heardAt, saying: &notice) {
                notice = WaitingNotice()
                heardAt = .now
                let (text, outcome) = watch.take(list, elapsed: .now - start)
                StandardError.write(text)
                if let outcome { return try self.end(outcome) }
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    /// The list; nil while the platform is starting, or a part of it is started again.
    private func list(
        since heardAt: ContinuousClock.Instant,
        saying notice: inout WaitingNotice
    ) async throws -> UpdateList? {
        do {
            return try await self.list()
        } catch let failure as CommandFailure {
            let (waited, limit) = (ContinuousClock.now - heardAt, Duration.seconds(self.wait))
            guard waited < limit else { throw failure }
            if notice.isDue(after: waited), let text = notice.text(failure.message, after: waited, of: limit) {
                StandardError.write("\(text)\n")
            }
            return nil
        }
    }

    private func list() async throws -> UpdateList {
        let answer = try await self.options.client().ask(UpdatesCommand.path)
        return try PlatformClient.decode(UpdateList.self, from: answer)
    }

    private func end(_ outcome: UpdateWatch.Outcome) throws {
        switch outcome {
        case .done: return
        case .stuck(let updates):
            let lines = updates.map { "\($0.name): \($0.standing): \($0.reason ?? "")" }
            throw CommandFailure.failed("what is left does not move by itself\n\(lines.joined(separator: "\n"))")
        case .unknown(let names):
            let list = names.map { "`\($0)`" }.joined(separator: ", ")
            throw CommandFailure.failed(
                "neither declared nor pending: \(list); `ganglion updates` lists what is, and what is done and was not declared is gone"
            )
        }
    }
}
