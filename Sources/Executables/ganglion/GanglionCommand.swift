import ArgumentParser
import Foundation
import ServiceRuntime

/// `ganglion`: starts a platform and asks it questions.
@main
struct GanglionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ganglion",
        abstract: "Starts a platform of modules and asks it questions.",
        discussion: """
            Exit statuses: 0 it went well; 1 it failed, or the platform answered with an error; 2 the command line is wrong; \
            69 the platform cannot be reached; 78 the configuration is wrong.
            """,
        subcommands: [
            UpCommand.self, CheckCommand.self, StatusCommand.self, ModulesCommand.self, CallbacksCommand.self,
            CallCommand.self, ReplayCommand.self, ExplainCommand.self, ShadowCommand.self, UpdatesCommand.self,
            CachesCommand.self, ConformCommand.self,
        ]
    )

    /// Runs the command, with this program's exit statuses in place of the parser's own.
    static func main() async {
        do {
            var command = try Self.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Self.end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        switch error {
        case let failure as CommandFailure:
            Self.complain(failure.message)
            Foundation.exit(failure.status)
        case let configuration as ConfigurationError:
            Self.complain(configuration.description)
            Foundation.exit(ExitStatus.configurationError)
        default:
            guard Self.exitCode(for: error) == .validationFailure else { Self.exit(withError: error) }
            Self.complain(Self.fullMessage(for: error))
            Foundation.exit(ExitStatus.usage)
        }
    }

    private static func complain(_ text: String) {
        StandardError.write("\(text)\n")
    }
}
