internal import Foundation
internal import ModuleSDK
public import Recordings
internal import WireProtocol

// MARK: Recorded calls

extension InMemoryBus {
    /// Looks at one call and how it ended: nil when that is right, else what is wrong.
    public typealias RecordedCheck = (RecordedCall, RecordingTally.Outcome) throws -> String?

    /// Makes the calls of a recording, one after the other, as the dispatcher would send them to the module.
    ///
    /// A recording has one call a line: `{"category":"spam_checker","callback":"user_may_invite","args":{…}}`. It is read piece by piece, so it may be
    /// larger than memory. A compressed one has to be decompressed first.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - countMax: How many calls to make at most; all, if left out.
    ///   - budget: The time the module has for each.
    ///   - check: Looks at each call of a callback that the module has, filtered ones among them.
    /// - Returns: How they ended.
    /// - Throws: What the check throws, ``RecordingError`` when the file is no recording, or that it cannot be read.
    public func replay(
        contentsOf path: String,
        countMax: Int = .max,
        budget: Duration = .seconds(5),
        check: RecordedCheck = { _, _ in nil }
    ) async throws -> RecordingTally {
        var tally = RecordingTally()
        var recording = try OpenRecording(path)
        while tally.callCount < countMax, let entry = try recording.next() {
            switch entry {
            case .problem(let line, let error): tally.complain(line, "is no call: \(error)")
            case .call(let call): try await self.make(call, budget, &tally, check)
            }
        }
        return tally
    }

    private func make(
        _ call: RecordedCall,
        _ budget: Duration,
        _ tally: inout RecordingTally,
        _ check: RecordedCheck
    ) async throws {
        let outcome = try await self.outcome(of: call, budget)
        tally.record(outcome, of: call)
        guard outcome != .notRegistered else { return }
        if case .fault(let code) = outcome { tally.complain(call.line, "\(call.name): \(code.rawValue)") }
        guard let complaint = try check(call, outcome) else { return }
        tally.complain(call.line, "\(call.name): \(complaint)")
    }

    private func outcome(of call: RecordedCall, _ budget: Duration) async throws -> RecordingTally.Outcome {
        guard let claim = try? self.claim(call.category, call.callback) else { return .notRegistered }
        let arguments = try JSONValue(parsing: call.arguments).object ?? JSONObject()
        guard try self.concerns(claim, arguments) else { return .filtered }
        do {
            switch try await self.ask(call.category, call.callback, arguments, budget: budget) {
            case .noOpinion: return .noOpinion
            case .result(let value): return .result(value)
            }
        } catch let fault as BusFault {
            return .fault(fault.code)
        }
    }
}

/// Why a file is no recording.
public struct RecordingError: Error, CustomStringConvertible {
    public let description: String
}

/// A recording on disk, read piece by piece.
private struct OpenRecording {
    private static let pieceBytes = 256 << 10
    private static let xzMagic: [UInt8] = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]

    private let path: String
    private let handle: FileHandle
    private var reader = RecordingReader()
    private var pending: ArraySlice<RecordingReader.Entry> = []
    private var isAtStart = true
    private var isAtEnd = false

    init(_ path: String) throws {
        self.path = path
        self.handle = try FileHandle(forReadingFrom: URL(filePath: path))
    }

    mutating func next() throws -> RecordingReader.Entry? {
        while self.pending.isEmpty, !self.isAtEnd { try self.readOn() }
        return self.pending.popFirst()
    }

    private mutating func readOn() throws {
        let piece = try self.handle.read(upToCount: Self.pieceBytes) ?? Data()
        if self.isAtStart, piece.starts(with: Self.xzMagic) {
            throw RecordingError(
                description: "\(self.path) is compressed: `xz --decompress --keep` makes a recording of it"
            )
        }
        self.isAtStart = false
        self.isAtEnd = piece.isEmpty
        do throws(JSONError) {
            let entries =
                piece.isEmpty ? try self.reader.finish().map { [$0] } ?? [] : try self.reader.entries(adding: piece)
            self.pending = entries[...]
        } catch {
            throw RecordingError(description: "\(self.path): \(error)")
        }
    }
}
