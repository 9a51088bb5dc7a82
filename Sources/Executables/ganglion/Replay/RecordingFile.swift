import Foundation
import Recordings
import Supervision
import WireProtocol

/// A recording on disk, read piece by piece: it may be larger than memory.
struct RecordingFile {
    private static let pieceBytes = 256 << 10

    let path: String
    /// Its size when it was opened.
    let bytesMax: Int

    private let handle: FileHandle
    private var reader = RecordingReader()
    private var pending: ArraySlice<RecordingReader.Entry> = []
    private var isAtEnd = false

    init(_ path: String) throws(CommandFailure) {
        do {
            self.path = path
            self.handle = try FileHandle(forReadingFrom: URL(filePath: path))
            self.bytesMax = Int(try self.handle.seekToEnd())
            try self.handle.seek(toOffset: 0)
        } catch {
            throw .failed("\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// The next call or bad line; nil at the end.
    mutating func next() throws(CommandFailure) -> RecordingReader.Entry? {
        do {
            while self.pending.isEmpty, !self.isAtEnd {
                self.pending = try self.nextEntries()
            }
            return self.pending.popFirst()
        } catch let error as JSONError {
            throw .failed("\(self.path): \(error)")
        } catch {
            throw .failed("\(self.path) cannot be read further: \(error.localizedDescription)")
        }
    }

    private mutating func nextEntries() throws -> ArraySlice<RecordingReader.Entry> {
        let piece = try self.handle.read(upToCount: Self.pieceBytes) ?? Data()
        guard piece.isEmpty else { return try self.reader.entries(adding: piece)[...] }
        self.isAtEnd = true
        return try self.reader.finish().map { [$0] } ?? []
    }
}
