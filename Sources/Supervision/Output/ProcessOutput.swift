import Foundation
import Logging
import ServiceRuntime

/// Where the lines of all processes go: each into its file, all of them onto the terminal.
struct ProcessOutput: ~Copyable {
    private final class File {
        var log: RotatingLogFile

        init(_ path: String) {
            self.log = RotatingLogFile(path: path)
        }
    }

    /// The label of the supervisor's own lines.
    static let ownName = "ganglion"

    private var mirror: LogMirror?
    private let files: [String: File]
    private let log: LogConfiguration

    /// - Parameters:
    ///   - names: the processes, whose labels share one width.
    ///   - folder: where the log files are.
    ///   - descriptor: where lines are mirrored to; nil keeps them in the files.
    ///   - coloured: whether labels have colours.
    ///   - log: level and format of the supervisor's own lines.
    init(names: [String], folder: RunFolder, mirroredTo descriptor: Int32?, coloured: Bool, log: LogConfiguration) {
        let all = names + [Self.ownName]
        self.files = Dictionary(all.map { ($0, File(folder.log(of: $0))) }) { first, _ in first }
        self.mirror = descriptor.map { LogMirror(descriptor: $0, style: LabelStyle(names: all, coloured: coloured)) }
        self.log = log
    }

    /// Whether ``descriptor`` should be polled for room.
    var isPending: Bool { self.mirror?.isPending ?? false }

    var descriptor: Int32 { self.mirror?.descriptor ?? -1 }

    mutating func write(_ line: [UInt8], of name: String) {
        self.files[name]?.log.append(line)
        self.mirror?.show(line, of: name)
    }

    mutating func flush() {
        self.mirror?.flush()
    }

    /// Waits a moment for a slow reader, so that the last words are not lost.
    mutating func finish() {
        for _ in 0..<20 where self.isPending {
            var entry = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&entry, 1, 10)
            self.flush()
        }
    }
}

extension ProcessOutput {
    /// Says in the supervisor's own log what became of a process.
    mutating func note(_ process: SupervisedProcess, at now: Duration) {
        switch process.state {
        case .waiting, .starting, .stopping:
            break
        case .running(let pid, _):
            self.note(.info, "process started", process, ["pid": "\(pid)", "restarts": "\(process.restarts)"])
        case .backingOff(let until):
            let delay = Int((until - now) / .milliseconds(1))
            self.note(.warning, "process ended", process, ["reason": process.reason, "again_in_ms": "\(delay)"])
        case .quarantined:
            self.note(.error, "process quarantined", process, ["reason": process.reason])
        case .configurationError:
            self.note(.error, "process has a configuration error", process, ["reason": process.reason])
        case .stopped:
            self.note(.info, "process stopped", process, [:])
        }
    }

    private mutating func note(
        _ level: Logger.Level,
        _ message: String,
        _ process: SupervisedProcess,
        _ metadata: [String: String]
    ) {
        guard level >= self.log.level else { return }
        let line = LogLine(
            level: level,
            label: Self.ownName,
            message: message,
            metadata: metadata.merging(["process": process.plan.name]) { first, _ in first }
        )
        self.write(line.bytes(as: self.log.format).dropLast(), of: Self.ownName)
    }
}

extension ProcessOutput {
    private mutating func write(_ line: ArraySlice<UInt8>, of name: String) {
        self.write(Array(line), of: name)
    }
}
