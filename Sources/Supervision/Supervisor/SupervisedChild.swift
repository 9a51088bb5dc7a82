import Recordings

/// A running child with what is left of its output.
struct SupervisedChild: ~Copyable {
    private static let drainBytesMax = 1 << 16

    let process: ChildProcess
    private(set) var isOutputOpen = true
    private(set) var lastWords = ""
    private var splitter = LineSplitter()

    init(_ process: consuming ChildProcess) {
        self.process = process
    }

    /// The lines that can be read now.
    ///
    /// One noisy child is read in portions, so that it cannot hold up the others.
    mutating func readLines() -> [[UInt8]] {
        guard self.isOutputOpen else { return [] }
        var bytes: [UInt8] = []
        self.isOutputOpen = self.process.output.drain(into: &bytes, max: Self.drainBytesMax)
        var lines = self.splitter.lines(adding: bytes)
        if !self.isOutputOpen, let rest = self.splitter.finish() { lines.append(rest) }
        self.remember(lines)
        return lines
    }

    /// Everything that was written before the process ended.
    mutating func readLastLines() -> [[UInt8]] {
        var lines = self.readLines()
        // A pipe holds less than this; what lives on in another group must not keep us reading.
        for _ in 0..<16 {
            let more = self.readLines()
            guard !more.isEmpty else { break }
            lines += more
        }
        if self.isOutputOpen, let rest = self.splitter.finish() {
            lines.append(rest)
            self.remember([rest])
        }
        return lines
    }

    consuming func reap() -> ProcessExit {
        self.process.reap()
    }

    private mutating func remember(_ lines: [[UInt8]]) {
        guard let line = lines.last(where: { !$0.isEmpty }) else { return }
        self.lastWords = String(decoding: line.prefix(400), as: UTF8.self)
    }
}
