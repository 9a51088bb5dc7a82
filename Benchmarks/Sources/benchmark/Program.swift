import Foundation

/// A process that is measured, or that measures.
final class Program {
    private let process = Process()
    private let output = Pipe()
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
        try self.process.run()
    }

    /// Waits until the program says `ready`.
    func waitUntilReady() throws {
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
    /// - Throws: ``Failure`` when it failed.
    func finish() throws -> String {
        let data = self.output.fileHandleForReading.readDataToEndOfFile()
        self.process.waitUntilExit()
        guard self.process.terminationStatus == 0 else {
            throw Failure(description: "\(self.name) failed with status \(self.process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self)
    }

    fileprivate func stop() {
        guard self.process.isRunning else { return }
        self.process.terminate()
        self.process.waitUntilExit()
    }
}

/// The processes of a run, of which none outlives it.
final class Programs {
    private var running: [Program] = []

    /// Starts a process that serves until the run ends.
    func start(_ command: [String]) throws -> Program {
        let program = try Program(command)
        self.running.append(program)
        return program
    }

    /// Runs a process to its end.
    ///
    /// - Returns: What it printed.
    /// - Throws: When it failed.
    func run(_ command: [String]) throws -> String {
        try Program(command).finish()
    }

    /// Ends all, the last one first.
    func stop() {
        for program in self.running.reversed() { program.stop() }
    }
}
