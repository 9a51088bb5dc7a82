import ArgumentParser
import Foundation
import ServiceRuntime
import Supervision

/// Shows which modules are there, and why the others are not.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the modules: state, instances, what was granted, what was refused and why."
    )

    @OptionGroup var options: PlatformOptions

    func run() async throws { try await Self.show(self.options) }

    /// Shows the modules of a platform.
    static func show(_ options: PlatformOptions) async throws {
        let supervisor = try options.supervisorState()
        let status: PlatformStatus
        do {
            status = try await options.client().modules()
        } catch let failure as CommandFailure {
            // The supervisor may know why nobody answers.
            guard failure.status == ExitStatus.unavailable, let supervisor else { throw failure }
            try Self.show(PlatformStatus(epoch: nil, modules: []).merged(with: supervisor), options)
            throw failure
        }
        try Self.show(status.merged(with: supervisor), options)
    }

    private static func show(_ status: PlatformStatus, _ options: PlatformOptions) throws {
        guard options.json else {
            print(status.text)
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(status), as: UTF8.self))
    }
}
