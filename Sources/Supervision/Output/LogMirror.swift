import Foundation

/// Shows the lines of all processes on one descriptor, each behind its label, without ever waiting for the reader.
///
/// A terminal that was stopped with Ctrl-S must not stop the supervisor. So lines wait in a bounded buffer, and beyond the
/// bound they are dropped and counted; the log files have them.
struct LogMirror {
    static let pendingBytesMax = 1 << 20

    let descriptor: Int32
    private let style: LabelStyle
    private var pending: [UInt8] = []
    private var dropped = 0

    init(descriptor: Int32, style: LabelStyle) {
        self.descriptor = descriptor
        self.style = style
    }

    /// Whether ``flush()`` has something to write.
    var isPending: Bool { !self.pending.isEmpty }

    mutating func show(_ line: [UInt8], of name: String) {
        guard self.pending.count + line.count <= Self.pendingBytesMax else {
            self.dropped += 1
            return
        }
        if self.dropped > 0 {
            self.append(Array("… \(self.dropped) lines not shown; run/log has them".utf8), label: name)
            self.dropped = 0
        }
        self.append(line, label: name)
    }

    /// Writes what the descriptor takes now.
    mutating func flush() {
        var written = 0
        // PIPE_BUF bytes do not block on a descriptor that poll calls writable.
        while written < self.pending.count, self.isWritable {
            let chunk = self.pending[written...].prefix(Int(PIPE_BUF))
            let count = chunk.withUnsafeBytes { write(self.descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                // The reader is gone for good: nothing will take these lines.
                written = errno == EAGAIN ? written : self.pending.count
                break
            }
            written += count
        }
        self.pending.removeFirst(written)
    }

    private var isWritable: Bool {
        var entry = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    private mutating func append(_ line: [UInt8], label: String) {
        self.pending.append(contentsOf: self.style.prefix(of: label).utf8)
        self.pending.append(contentsOf: line)
        self.pending.append(UInt8(ascii: "\n"))
    }
}
