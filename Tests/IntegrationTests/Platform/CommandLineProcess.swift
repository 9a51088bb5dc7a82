import Foundation
import Synchronization

/// A process that a test has started, with all it writes.
final class CommandLineProcess: Sendable {
    private let process = Process()
    private let text = Mutex("")
    private let hasWrittenAll = Mutex(false)
    private let input = Pipe()

    init(
        _ executable: String,
        _ arguments: [String],
        in folder: URL,
        environment: [String: String] = [:]
    ) throws {
        let pipe = Pipe()
        self.process.executableURL = URL(fileURLWithPath: executable)
        self.process.arguments = arguments
        self.process.currentDirectoryURL = folder
        self.process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        self.process.standardInput = self.input
        self.process.standardOutput = pipe
        self.process.standardError = pipe
        pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            guard data.isEmpty else { return self?.append(data) ?? () }
            handle.readabilityHandler = nil
            self?.hasWrittenAll.withLock { $0 = true }
        }
        try self.process.run()
        // The end of the output is seen only when nobody holds the writing end any more.
        try? pipe.fileHandleForWriting.close()
    }

    /// Keeps the last megabyte.
    private func append(_ data: Data) {
        self.text.withLock { text in
            text += String(decoding: data, as: UTF8.self)
            if text.utf8.count > 1 << 20 { text = String(text.suffix(1 << 19)) }
        }
    }

    var output: String { self.text.withLock { $0 } }
    var isRunning: Bool { self.process.isRunning }
    var status: Int32 { self.process.terminationStatus }
    var id: Int32 { self.process.processIdentifier }

    func signal(_ number: Int32) {
        kill(self.process.processIdentifier, number)
    }

    /// Waits until the process has ended, and all it wrote has arrived, and returns its status.
    func waitForEnd(within limit: Duration) async throws -> Int32 {
        func last() -> String {
            "\(self.isRunning ? "it runs" : "it does not run"), and wrote: \(self.output)"
        }
        try await eventually("the process has ended", within: limit, last: last) {
            !self.isRunning && self.hasWrittenAll.withLock { $0 }
        }
        return self.status
    }

    /// Ends the process, by force if it does not listen.
    func end() {
        guard self.process.isRunning else { return }
        self.process.interrupt()
        let deadline = ContinuousClock.now + .seconds(6)
        while self.process.isRunning, ContinuousClock.now < deadline {
            _ = RunLoop.current.run(mode: .default, before: Date(timeIntervalSinceNow: 0.02))
        }
        if self.process.isRunning { self.signal(SIGKILL) }
        self.process.waitUntilExit()
    }
}
