import ArgumentParser
import Conformance
import Foundation
import ServiceRuntime
import Supervision
import UnixSignals
import WireProtocol

/// `ganglion conform`: checks a module's executable against the wire protocol.
struct ConformCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conform",
        abstract: "Checks a module's executable, in whatever language, against docs/wire-protocol.md.",
        usage: "ganglion conform [OPTION ...] -- COMMAND [ARGUMENT ...]",
        discussion: """
            Plays the dispatcher on a socket of its own, starts COMMAND as `ganglion up` starts a module, and sees how it keeps the \
            protocol: that it registers, answers, survives what it does not understand, comes back and leaves. No platform has to run. \
            One that cannot begin without a configuration is given it with --module-config. \
            The module's handlers are called with invented arguments: do not let it write where that matters. \
            The exit status is 0 when no rule that a module MUST keep is broken.
            """
    )

    @Argument(parsing: .postTerminator, help: "How to start the module, after --.")
    var command: [String] = []

    @Option(help: "The module's name, as its entry in ganglion.yaml would have it.")
    var module = "module-under-test"

    @Option(help: "Its configuration: JSON, or @FILE.")
    var moduleConfig = "null"

    @Option(help: "A configuration that it has to find wrong: JSON, or @FILE.")
    var wrongConfig: String?

    @Option(help: "A recording of calls to make besides, as `ganglion replay` takes it.")
    var calls: String?

    @Option(help: "How many recorded calls of each callback to make.")
    var callsMax = 1000

    @Option(help: "A catalogue file of your own; may be given several times.")
    var catalogue: [String] = []

    @Option(help: "Make this check only, besides those that bring the module up; may be given several times.")
    var only: [String] = []

    @Option(help: "How long the module may take to say HELLO, to register and to be ready, in seconds each.")
    var startTimeout = 10

    @Flag(help: "Play the dispatcher on a tcp port of this machine instead of a socket in a folder.")
    var tcp = false

    @Flag(help: "List the checks and start nothing.")
    var list = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard self.list || !self.command.isEmpty else {
            throw ValidationError("name the command that starts the module, after --")
        }
        guard Hello.isValid(id: self.module) else {
            throw ValidationError("--module: '\(self.module)' is no module's name: 1 to 63 of a-z, 0-9 and '-'")
        }
        guard (1...600).contains(self.startTimeout) else {
            throw ValidationError("--start-timeout is from 1 to 600 seconds")
        }
        guard (1...1_000_000).contains(self.callsMax) else { throw ValidationError("--calls-max is from 1 to 1000000") }
        let known = ConformanceSession.checkNames
        let kinds = Set(known)
        for name in self.only where !kinds.contains(String(name.prefix { $0 != " " })) {
            throw ValidationError("--only: there is no check '\(name)'; there are \(known.joined(separator: ", "))")
        }
    }

    func run() async throws {
        guard !self.list else { return print(ConformanceSession.checkNames.joined(separator: "\n")) }
        let kit = ConformanceKit(try self.settings(), command: try self.processCommand())
        let isForPeople = !self.json
        let report = try await Self.untilInterrupted {
            try await kit.run { result in
                guard isForPeople else { return }
                // At once, also into a pipe, where `print` would wait for more: some checks take seconds.
                FileHandle.standardOutput.write(Data("\(result.text)\n".utf8))
            }
        }
        print(isForPeople ? "\n\(report.summary)" : report.json.description)
        guard report.isConforming else { throw ExitCode(ExitStatus.failure) }
    }

    /// Ends the module with this command when somebody wants it to stop.
    private static func untilInterrupted(
        _ work: @escaping @Sendable () async throws -> ConformanceReport
    ) async throws -> ConformanceReport {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: ConformanceReport?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            defer { group.cancelAll() }
            guard let report = try await group.next() ?? nil else {
                throw CommandFailure.failed("interrupted: the checks were not finished")
            }
            return report
        }
    }
}

// MARK: - What to check

extension ConformCommand {
    private func settings() throws -> ConformanceSettings {
        var settings = ConformanceSettings(
            moduleID: self.module,
            configuration: try Self.json(self.moduleConfig, "--module-config"),
            catalogue: try self.readCatalogue(),
            reservedPrefixes: PlatformConfiguration.Gateway.standardReserved
        )
        settings.wrongConfiguration = try self.wrongConfig.map { try Self.json($0, "--wrong-config") }
        settings.calls = try self.recordedCalls()
        settings.startMax = .seconds(self.startTimeout)
        settings.only = Set(self.only)
        settings.usesTCP = self.tcp
        return settings
    }

    private func processCommand() throws -> ProcessCommand {
        let environment = ProcessInfo.processInfo.environment
        let directory = FileManager.default.currentDirectoryPath
        let own = Bundle.main.executableURL?.resolvingSymlinksInPath().path ?? CommandLine.arguments[0]
        let services = FilePath.folder(of: FilePath.absolute(own, in: directory))
        let finder = ExecutableFinder(directory: directory, services: services, environment: environment)
        guard let name = self.command.first, let executable = finder.find(name) else {
            let name = self.command.first ?? ""
            throw CommandFailure.failed("there is no executable `\(name)` here, beside ganglion, or in PATH")
        }
        return ProcessCommand(
            executable: executable,
            arguments: Array(self.command.dropFirst()),
            environment: environment
        )
    }

    private static func json(_ text: String, _ option: String) throws -> JSONValue {
        var payload = Payload(text)
        if text.hasPrefix("@") {
            let file = String(text.dropFirst())
            guard let data = FileManager.default.contents(atPath: file) else {
                throw CommandFailure.failed("\(option): \(file) cannot be read")
            }
            payload = Payload([UInt8](data))
        }
        do throws(JSONError) {
            return try JSONValue(parsing: payload)
        } catch {
            throw ValidationError("\(option) has to be JSON: \(error)")
        }
    }
}
