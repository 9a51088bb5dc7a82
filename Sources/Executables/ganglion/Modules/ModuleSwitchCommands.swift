import ArgumentParser
import Foundation
import WireProtocol

/// Which module an operator switches, and why.
struct ModuleSwitch: ParsableArguments {
    @Argument(help: "The module.")
    var name: String

    @Option(help: "Why, for whoever looks at the status.")
    var reason = ""

    @OptionGroup var options: PlatformOptions

    func turn(on isOn: Bool) async throws {
        let arguments: JSONValue = [
            "module": .string(self.name), "by": .string(NSUserName()), "reason": .string(self.reason),
        ]
        let answer = try await self.options.client().ask("modules/\(isOn ? "enable" : "disable")", arguments)
        if self.options.json {
            print(String(decoding: answer, as: UTF8.self))
        } else {
            let until = "until `ganglion modules enable \(self.name)` or a restart of the dispatcher"
            print(isOn ? "\(self.name) takes part again" : "\(self.name) is out of everything, \(until)")
        }
    }
}

/// `ganglion modules disable`.
struct ModuleDisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Takes a module out of every chain and path at once; nothing is restarted.",
        discussion: """
            Calls in flight are finished. A chain in which it was alone goes on as if it had no opinion, even where the callback is \
            required. To keep it out over restarts of the dispatcher, write `enabled: false` in the configuration.
            """
    )

    @OptionGroup var module: ModuleSwitch

    func run() async throws { try await self.module.turn(on: false) }
}

/// `ganglion modules enable`.
struct ModuleEnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Lets a module that was disabled take part again."
    )

    @OptionGroup var module: ModuleSwitch

    func run() async throws { try await self.module.turn(on: true) }
}
