internal import Foundation
public import Supervision
internal import WireProtocol
internal import ZeroMQ

/// Checks the executable of a module, in whatever language, against the wire protocol.
public struct ConformanceKit: Sendable {
    private let settings: ConformanceSettings
    private let command: ProcessCommand

    /// - Parameters:
    ///   - settings: What is checked.
    ///   - command: How the module is started; the variables of `docs/wire-protocol.md` §1.1 are added to its environment.
    public init(_ settings: ConformanceSettings, command: ProcessCommand) {
        self.settings = settings
        self.command = command
    }

    /// Plays the dispatcher to the module, in a temporary folder of its own, until every check has been made.
    ///
    /// When the task is cancelled the module is ended and what is known by then returned.
    ///
    /// - Parameter observe: Learns how each check ended, at once.
    /// - Returns: How all of them ended.
    /// - Throws: When there is no folder or no socket to do it with.
    public func run(observe: (CheckResult) -> Void = { _ in }) async throws -> ConformanceReport {
        let folder = try Self.makeFolder()
        // What cannot be removed from the temporary folder harms nobody.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let endpoint = self.settings.usesTCP ? try BoundRouter.freeTCPEndpoint() : "ipc://\(folder)/bus.sock"
        let command = self.command(for: endpoint)
        var settings = self.settings
        settings.absentCacheEndpoint = "ipc://\(folder)/cache.sock"
        let session = ConformanceSession(settings)
        let loop = PollLoop(label: "conform")
        let (results, sink) = AsyncThrowingStream<CheckResult, any Error>.makeStream()
        try loop.start()
        try loop.execute {
            loop.attach(ConformanceRunner(session, endpoint: endpoint, command: command, results: sink))
        }
        let report = try await Self.collect(results, stopping: loop, observe)
        loop.stop()
        await loop.waitUntilStopped()
        return report
    }

    private static func collect(
        _ results: AsyncThrowingStream<CheckResult, any Error>,
        stopping loop: PollLoop,
        _ observe: (CheckResult) -> Void
    ) async throws -> ConformanceReport {
        var report = ConformanceReport()
        do {
            for try await result in results {
                report.add(result)
                observe(result)
            }
        } catch {
            loop.stop()
            await loop.waitUntilStopped()
            throw error
        }
        return report
    }

    private func command(for endpoint: String) -> ProcessCommand {
        var command = self.command
        // As `ganglion up` does it, with the lifeline that every child has.
        let environment = command.environment.merging(
            ["GANGLION_BUS": endpoint, "GANGLION_MODULE": self.settings.moduleID]
        ) { $1 }
        let log = ["GANGLION_LOG_LEVEL": "info", "GANGLION_LOG_FORMAT": "text"]
        command.environment = environment.merging(log) { own, _ in own }
        return command
    }

    private static func makeFolder() throws -> String {
        // Below /tmp whatever TMPDIR says: the path of an ipc socket has a hundred bytes at most.
        let folder = URL(filePath: "/tmp/ganglion-conform-\(String(UInt64.random(in: .min ... .max), radix: 36))")
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        return folder.path
    }
}
