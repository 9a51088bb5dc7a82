import ArgumentParser
import Foundation
import Supervision
import WireProtocol

/// `ganglion caches`: what cached functions share.
struct CachesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caches",
        abstract: "Shows what cached functions keep, and invalidates it.",
        subcommands: [CacheListCommand.self, CacheStatisticsCommand.self, CacheInvalidateCommand.self],
        defaultSubcommand: CacheListCommand.self
    )

    /// Where the gateway has them, below the admin surface.
    static let path = "caches"
}

/// `ganglion caches list`.
struct CacheListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the cached functions with what is kept of each."
    )

    @OptionGroup var options: PlatformOptions

    func run() async throws {
        let answer = try await self.options.client().ask(CachesCommand.path)
        guard !self.options.json else { return print(String(decoding: answer, as: UTF8.self)) }
        print(try PlatformClient.decode(CacheReport.self, from: answer).text)
    }
}

/// `ganglion caches statistics`.
struct CacheStatisticsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statistics",
        abstract: "Shows the cache service's counters since its start."
    )

    @OptionGroup var options: PlatformOptions

    func run() async throws {
        let answer = try await self.options.client().ask("\(CachesCommand.path)/statistics")
        guard !self.options.json else { return print(String(decoding: answer, as: UTF8.self)) }
        let counters = try PlatformClient.decode([String: Int].self, from: answer)
        var table = TextTable(["COUNTER", "VALUE"])
        for (name, value) in counters.sorted(by: { $0.key < $1.key }) { table.add([name, String(value)]) }
        print(table.text)
    }
}

/// `ganglion caches invalidate`.
struct CacheInvalidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invalidate",
        abstract: "Invalidates results in every process: of a function, of a key of it, of tags, or all.",
        discussion: "When it returns, no process serves what was invalidated for longer than two seconds."
    )

    @Argument(help: "The function with its module, such as directory.department_of_user.")
    var function: String?

    @Argument(help: "One key of it; a number is written as the module writes it.")
    var key: String?

    @Option(name: .customLong("tag"), help: "A tag that a module gave to results; may be repeated.")
    var tags: [String] = []

    @Flag(help: "Everything.")
    var all = false

    @OptionGroup var options: PlatformOptions

    func validate() throws {
        let kinds = [self.function != nil, !self.tags.isEmpty, self.all].count { $0 }
        guard kinds == 1 else { throw ValidationError("name a function, or give --tag, or --all") }
    }

    func run() async throws {
        let client = try self.options.client()
        let flaw = try await self.flaw(client)
        let answer = try await client.ask("\(CachesCommand.path)/invalidate", self.selection)
        if let flaw { throw CommandFailure.failed(flaw) }
        guard !self.options.json else { return print(String(decoding: answer, as: UTF8.self)) }
        print("invalidated")
    }

    /// Why a function that is named may not be what was meant: to be told that a misspelt one is invalidated is worse than to be told nothing.
    private func flaw(_ client: PlatformClient) async throws -> String? {
        guard let function else { return nil }
        let report = try PlatformClient.decode(CacheReport.self, from: try await client.ask(CachesCommand.path))
        let names = report.functions.map(\.name)
        guard !names.contains(function) else { return nil }
        let listed = names.isEmpty ? "nothing was cached yet" : "it knows \(names.joined(separator: ", "))"
        return
            "the cache service knows no function `\(function)` (\(listed)); processes that have one of this name were told all the same"
    }

    private var selection: JSONValue {
        if self.all { return ["all": true] }
        guard let function else { return ["tags": .array(self.tags.map(JSONValue.string))] }
        var selection: JSONObject = ["function": .string(function)]
        selection["key"] = self.key.map(JSONValue.string)
        return .object(selection)
    }
}
