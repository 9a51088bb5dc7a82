/// Cuts a stream of bytes into lines of bounded length.
///
/// A line longer than the bound comes in pieces, so that a process which never ends its line costs no memory.
package struct LineSplitter: Sendable {
    package static let lineBytesMax = 16_384

    private let bytesMax: Int
    private var rest: [UInt8] = []

    package init(bytesMax: Int = Self.lineBytesMax) {
        precondition(bytesMax > 0, "a line needs room for a byte")
        self.bytesMax = bytesMax
    }

    /// The lines that these bytes complete, without line feeds.
    package mutating func lines(adding bytes: some Sequence<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(self.take())
            } else {
                if self.rest.count == self.bytesMax { lines.append(self.take()) }
                self.rest.append(byte)
            }
        }
        return lines
    }

    /// What was left without a line feed, at the end of the stream.
    package mutating func finish() -> [UInt8]? {
        self.rest.isEmpty ? nil : self.take()
    }

    private mutating func take() -> [UInt8] {
        defer { self.rest.removeAll(keepingCapacity: true) }
        return self.rest.last == UInt8(ascii: "\r") ? self.rest.dropLast() : self.rest
    }
}
