import Foundation
import Supervision
import Testing

/// The built `ganglion` in a folder of its own, with shell scripts in place of the services.
final class GanglionProgram: Sendable {
    let folder: TemporaryFolder

    init(modules: String) throws {
        self.folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: "\(self.folder.path)/bin", withIntermediateDirectories: true)
        for name in ["gateway", "callback-dispatcher"] {
            let script = Data("#!/bin/sh\nexec cat\n".utf8)
            let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o755]
            #expect(
                FileManager.default.createFile(
                    atPath: self.path("bin/\(name)"),
                    contents: script,
                    attributes: attributes
                )
            )
        }
        // Nothing listens on the discard port of a loopback address of our own.
        let yaml = "gateway: { listen: '127.0.0.1:9' }\nmodules:\n\(modules)\n"
        try Data(yaml.utf8).write(to: URL(filePath: self.path("ganglion.yaml")))
    }

    var run: RunFolder { RunFolder(path: self.path("run")) }

    func path(_ name: String) -> String { "\(self.folder.path)/\(name)" }

    /// Starts the program without waiting for it.
    func start(_ arguments: String...) throws -> Running {
        try self.start(arguments)
    }

    /// Runs the program to its end.
    func call(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await self.start(arguments).finish()
    }

    private func start(_ arguments: [String]) throws -> Running {
        let process = Process()
        let built = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = built.appending(path: "ganglion")
        process.currentDirectoryURL = URL(filePath: self.folder.path)
        process.arguments = arguments
        return try Running(process, output: self.path("output-\(UUID().uuidString.prefix(8))"))
    }

    /// A started program.
    struct Running {
        let pid: Int32
        private let process: Process
        private let output: String

        init(_ process: Process, output: String) throws {
            #expect(FileManager.default.createFile(atPath: output, contents: nil))
            let file = try FileHandle(forWritingTo: URL(filePath: output))
            process.standardOutput = file
            process.standardError = file
            process.standardInput = FileHandle.nullDevice
            try process.run()
            self.process = process
            self.pid = process.processIdentifier
            self.output = output
        }

        func finish() async throws -> (status: Int32, output: String) {
            while self.process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
            return (self.process.terminationStatus, try String(contentsOfFile: self.output, encoding: .utf8))
        }
    }
}
