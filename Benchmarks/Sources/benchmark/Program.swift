import Foundation
import Synchronization

/// A process that is measured, or that measures.
final class Program: Sendable {
    /// How long anything may take that is waited for: more than each measurement is told to.
    private static let patience = 150
    /// How long a process may take to end that was told to.
    private static let grace = 5

    private let process = Process()
    private let output = Pipe()
    /// The platform's processes end when nobody holds its other end any more, however this process ends.
    private let lifeline = Pipe()
    private let name: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter command: The path of the executable, and its arguments.
    /// - Throws: When there is no such executable.
    fileprivate init(_ command: [String]) throws {
        self.name = URL(fileURLWithPath: command[0]).lastPathComponent
        self.process.executableURL = URL(fileURLWithPath: command[0])
        self.process.arguments = Array(command.dropFirst())
        self.process.standardOutput = self.output
        self.process.standardInput = self.lifeline
        var environment = ProcessInfo.processInfo.environment
        environment["GANGLION_LIFELINE"] = "stdin"
        self.process.environment = environment
        try self.process.run()
    }

    /// Waits until the program says `ready`.
    func waitUntilReady() throws {
        let end = self.endLater()
        defer { end.cancel() }
        var text = ""
        while !text.contains("ready") {
            let data = self.output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure(description: "\(self.name) ended before it was ready") }
            text += String(decoding: data, as: UTF8.self)
        }
    }

    /// Waits until a file is there, such as the socket that the program listens on.
    func waitForFile(_ path: String) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !FileManager.default.fileExists(atPath: path) {
            guard self.process.isRunning, ContinuousClock.now < deadline else {
                throw Failure(description: "\(self.name) does not listen on \(path)")
            }
            usleep(10_000)
        }
    }

    /// Waits for the end.
    ///
    /// - Returns: What the program printed.
    /// - Throws: ``Failure`` when it failed, or did not end in time.
    func finish() throws -> String {
        let end = self.endLater()
        defer { end.cancel() }
        let data = self.output.fileHandleForReading.readDataToEndOfFile()
        self.process.waitUntilExit()
        guard self.process.terminationStatus == 0 else {
            throw Failure(description: "\(self.name) failed with status \(self.process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Ends the process when it takes too long, so that nobody waits for ever.
    private func endLater() -> DispatchWorkItem {
        let end = DispatchWorkItem { [process, name] in
            print("\(name) takes more than \(Self.patience) seconds and is ended")
            Self.end(process)
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.patience), execute: end)
        return end
    }

    fileprivate func stop() {
        guard self.process.isRunning else { return }
        Self.end(self.process)
        self.process.waitUntilExit()
    }

    /// Tells a process to end, and kills it when it does not, so that waiting for it has an end too.
    private static func end(_ process: Process) {
        process.terminate()
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.grace)) {
            guard process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
        }
    }
}

/// The processes of a run, of which none outlives it.
final class Programs: Sendable {
    private let running = Mutex<[Program]>([])

    /// Starts a process that serves until the run ends.
    func start(_ command: [String]) throws -> Program {
        let program = try Program(command)
        self.running.withLock { $0.append(program) }
        return program
    }

    /// Runs a program that knows no lifeline, and ends it when standard input or this shell does.
    private static let guardian = #"trap 'kill $!; wait; exit' TERM; "$@" & read -r end; kill $!; wait"#

    /// Starts a process of somebody else's program, which serves until the run ends, however it ends.
    func startGuarded(_ command: [String]) throws -> Program {
        try self.start(["/bin/sh", "-c", Self.guardian, "guardian"] + command)
    }

    /// Runs a process to its end.
    ///
    /// - Returns: What it printed.
    /// - Throws: When it failed.
    func run(_ command: [String]) throws -> String {
        let program = try self.start(command)
        defer { self.running.withLock { $0.removeAll { $0 === program } } }
        return try program.finish()
    }

    /// Ends all, the last one first.
    func stop() {
        let programs = self.running.withLock { $0 }
        for program in programs.reversed() { program.stop() }
    }

    /// Where an executable is that the project does not make.
    static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        // Servers are there on Debian, where not every PATH leads.
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin"]
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
