import Foundation

/// A process that a test has started, with all it writes.
///
/// It writes to a file, not to a pipe: the end of a pipe comes when nobody holds its other side any more, which is not when the process ends, and
/// waiting for it failed now and then.
final class CommandLineProcess: Sendable {
    private static let outputMax = 1 << 20

    private let process = Process()
    private let written: FileHandle
    private let input = Pipe()

    struct NoFile: Error, CustomStringConvertible {
        let errno: CInt
        var description: String { "no file for a process's output: \(String(cString: strerror(self.errno)))" }
    }

    init(
        _ executable: String,
        _ arguments: [String],
        in folder: URL,
        environment: [String: String] = [:]
    ) throws {
        self.written = try Self.makeFile()
        self.process.executableURL = URL(fileURLWithPath: executable)
        self.process.arguments = arguments
        self.process.currentDirectoryURL = folder
        self.process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        self.process.standardInput = self.input
        self.process.standardOutput = self.written
        self.process.standardError = self.written
        try self.process.run()
    }

    /// A file without a name, so that nothing is left of it.
    private static func makeFile() throws -> FileHandle {
        let path = "\(NSTemporaryDirectory())/ganglion-output-\(UUID().uuidString)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw NoFile(errno: errno) }
        unlink(path)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// What it wrote, or the last megabyte of that.
    var output: String {
        let descriptor = self.written.fileDescriptor
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { return "" }
        let size = Int(information.st_size)
        let start = max(0, size - Self.outputMax)
        let bytes = [UInt8](unsafeUninitializedCapacity: size - start) { buffer, count in
            // Not `read`, for the place that it moves is shared with the process.
            count = max(0, pread(descriptor, buffer.baseAddress, size - start, off_t(start)))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    var isRunning: Bool { self.process.isRunning }
    var status: Int32 { self.process.terminationStatus }
    var id: Int32 { self.process.processIdentifier }

    func signal(_ number: Int32) {
        kill(self.process.processIdentifier, number)
    }

    /// Waits until the process has ended, and returns its status.
    func waitForEnd(within limit: Duration) async throws -> Int32 {
        func last() -> String {
            "\(self.isRunning ? "it runs" : "it does not run"), and wrote: \(self.output)"
        }
        try await eventually("the process has ended", within: limit, last: last) {
            !self.isRunning
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
