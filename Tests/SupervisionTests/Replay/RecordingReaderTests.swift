import Testing
import WireProtocol

@testable import Recordings
@testable import Supervision

struct RecordingReaderTests {
    private let invite = #"{"category":"spam_checker","callback":"user_may_invite","args":{"n":1,"m":"zażółć"}}"#

    @Test
    func aLineBecomesACallWithItsPathAndArguments() throws {
        let call = try RecordedCall(parsing: Array(self.invite.utf8), line: 7)
        #expect(call.line == 7)
        #expect(call.path == "/_ganglion/v1/callbacks/spam_checker/user_may_invite")
        #expect(call.arguments.text == #"{"n":1,"m":"zażółć"}"#)
    }

    @Test(arguments: [
        ("{", "at byte"),
        ("[]", "expected an object"),
        (#"{"callback":"c","args":{}}"#, "category"),
        (#"{"category":"a/b","callback":"c","args":{}}"#, "'a/b' names nothing"),
        (#"{"category":"","callback":"c","args":{}}"#, "names nothing"),
        (#"{"category":"a","callback":"c"}"#, "args: expected an object of named arguments, found null"),
        (#"{"category":"a","callback":"c","args":[1]}"#, "found a list"),
    ])
    func aLineThatIsNoCallSaysWhatIsWrong(line: String, reason: String) {
        let error = #expect(throws: JSONError.self) { try RecordedCall(parsing: Array(line.utf8), line: 1) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 10_000])
    func piecesOfAnySizeGiveTheSameCalls(size: Int) throws {
        let text = Array("\(self.invite)\n\nnot json\r\n\(self.invite)\r\n\(self.invite)".utf8)
        var reader = RecordingReader()
        var entries: [RecordingReader.Entry] = []
        for start in stride(from: 0, to: text.count, by: size) {
            entries += try reader.entries(adding: text[start..<min(start + size, text.count)])
        }
        if let last = try reader.finish() { entries.append(last) }
        #expect(entries.map(Self.summary) == ["call 1", "problem 3", "call 4", "call 5"])
    }

    @Test
    func aLineWithoutEndIsRefusedInsteadOfKept() {
        var reader = RecordingReader()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: RecordingReader.lineBytesMax + 1)
        let error = #expect(throws: JSONError.self) { try reader.entries(adding: piece) }
        #expect(error?.message.hasPrefix("line 1 is longer than") == true)
    }

    private static func summary(_ entry: RecordingReader.Entry) -> String {
        switch entry {
        case .call(let call): "call \(call.line)"
        case .problem(let line, _): "problem \(line)"
        }
    }
}
