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

    func run() async throws {
        let supervisor = try self.options.supervisorState()
        let status: PlatformStatus
        do {
            status = try await self.options.client().modules()
        } catch let failure as CommandFailure {
            // The supervisor may know why nobody answers.
            guard failure.status == ExitStatus.unavailable, let supervisor else { throw failure }
            try self.show(PlatformStatus(epoch: nil, modules: []).merged(with: supervisor))
            throw failure
        }
        try self.show(status.merged(with: supervisor))
    }

    private func show(_ status: PlatformStatus) throws {
        guard self.options.json else {
            print(status.text)
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(status), as: UTF8.self))
    }
}
