public import WireProtocol

/// Cuts the bytes of a recording into calls, whatever the sizes of the pieces they come in.
public struct RecordingReader: Sendable {
    /// What stands in one line of a recording.
    public enum Entry: Sendable {
        case call(RecordedCall)
        /// A line that is no call, and why.
        case problem(line: Int, JSONError)
    }

    /// More than the platform takes in one message, so a longer line could not be sent anyway.
    static let lineBytesMax = 16 << 20

    private var lines = LineSplitter(bytesMax: Self.lineBytesMax)
    private var number = 0

    public init() {}

    /// The entries of the lines that these bytes complete; empty lines are none.
    ///
    /// - Throws: `JSONError` when a line is so long that this cannot be a recording.
    public mutating func entries(adding bytes: some Sequence<UInt8>) throws(JSONError) -> [Entry] {
        var entries: [Entry] = []
        for line in self.lines.lines(adding: bytes) {
            guard let entry = try self.entry(line) else { continue }
            entries.append(entry)
        }
        return entries
    }

    /// The entry of a last line without a line feed.
    public mutating func finish() throws(JSONError) -> Entry? {
        guard let line = self.lines.finish() else { return nil }
        return try self.entry(line)
    }

    private mutating func entry(_ line: [UInt8]) throws(JSONError) -> Entry? {
        self.number += 1
        guard line.count < Self.lineBytesMax else {
            let limit = "longer than \(Self.lineBytesMax) bytes"
            throw JSONError("line \(self.number) is \(limit): this is no recording of calls")
        }
        guard !line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else { return nil }
        do throws(JSONError) {
            return .call(try RecordedCall(parsing: line, line: self.number))
        } catch {
            return .problem(line: self.number, error)
        }
    }
}
