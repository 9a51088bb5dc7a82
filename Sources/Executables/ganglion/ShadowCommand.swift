import ArgumentParser
import Foundation
import Supervision

/// `ganglion shadow`: what modules in shadow would have changed.
struct ShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Shows what modules with `shadow: true` would have changed, had they been in the chains.",
        discussion: """
            WOULD DECIDE counts the calls on which the module has a result and the chain has none, ABSTAINED those on which only the \
            chain has one, DIFFERED those on which both have one, and not the same. `ganglion explain REQUEST` shows how the chain came to its own.
            """
    )

    @Argument(help: "One module; all when left out.")
    var module: String?

    @OptionGroup var options: PlatformOptions

    func run() async throws {
        let client = try self.options.client()
        let answer = try await client.ask("shadow")
        let all = try PlatformClient.decode(ShadowComparison.self, from: answer)
        if let module { try await Self.check(module, client) }
        let comparison = self.module.map(all.only) ?? all
        guard !self.options.json else {
            guard self.module != nil else { return print(String(decoding: answer, as: UTF8.self)) }
            return print(String(decoding: try JSONEncoder().encode(comparison), as: UTF8.self))
        }
        print(comparison.text)
    }

    /// A misspelt name must not look like a module that agrees with everything.
    private static func check(_ module: String, _ client: PlatformClient) async throws {
        let modules = try await client.modules().modules
        guard !modules.contains(where: { $0.id == module }) else { return }
        let names = modules.map(\.id).joined(separator: ", ")
        throw CommandFailure.failed("there is no module `\(module)`; the configuration has \(names)")
    }
}
