internal import Foundation
internal import Recordings
internal import Supervision
internal import Synchronization

/// The process of the module that is checked, with what it writes.
struct ModuleProcess: ~Copyable {
    private static let drainBytesMax = 1 << 16

    private var child: ChildProcess
    private var splitter = LineSplitter()
    private let end: ProcessEnd

    init(_ command: ProcessCommand) throws(SupervisionError) {
        self.child = try ChildProcess(command)
        self.end = ProcessEnd(of: self.child.pid)
    }

    /// Whether it has ended, of its own accord or not.
    var hasEnded: Bool { self.end.hasCome }

    /// The lines that can be read now.
    mutating func readLines() -> [String] {
        var bytes: [UInt8] = []
        let isOpen = self.child.output.drain(into: &bytes, max: Self.drainBytesMax)
        var lines = self.splitter.lines(adding: bytes)
        if !isOpen, let rest = self.splitter.finish() { lines.append(rest) }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    func signal(_ number: Int32) {
        self.child.signal(number)
    }

    mutating func endInput() {
        self.child.endInput()
    }

    /// Ends it by force if it still runs, with all that it started.
    consuming func reap() -> ProcessExit {
        self.child.reap()
    }
}

/// Notices the end of a process on a thread of its own, for the system tells it only to who waits.
private final class ProcessEnd: Sendable {
    private let flag = Atomic<Bool>(false)

    var hasCome: Bool { self.flag.load(ordering: .relaxed) }

    init(of pid: pid_t) {
        Thread.detachNewThread {
            ChildProcess.awaitEnd(of: pid)
            self.flag.store(true, ordering: .relaxed)
        }
    }
}
