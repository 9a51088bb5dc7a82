import Testing

@testable import Supervision

struct ReplayProgressTests {
    @Test
    func aTerminalGetsABarThatIsDrawnOverItself() {
        var progress = ReplayProgress(.terminal, bytesMax: 200)
        let text = progress.text(bytes: 100, tally: ReplayTally(), elapsed: .zero)
        let bar = String(repeating: "#", count: 15) + String(repeating: ".", count: 15)
        #expect(text == "\r\u{1B}[2K[\(bar)] 50 %  0 calls, 0 errors")
    }

    @Test
    func theBarIsNotDrawnMoreOftenThanAnEyeFollows() {
        var progress = ReplayProgress(.terminal, bytesMax: 1000)
        let drawn = (0..<1000).filter { step in
            progress.text(bytes: step, tally: ReplayTally(), elapsed: .milliseconds(step)) != nil
        }
        #expect(drawn == Array(stride(from: 0, to: 1000, by: 100)))
    }

    @Test
    func aLogGetsOneLineAtEachQuarter() {
        var progress = ReplayProgress(.plain, bytesMax: 1000)
        let lines = (0...1000).compactMap { step in
            progress.text(bytes: step, tally: ReplayTally(), elapsed: .milliseconds(step))
        }
        #expect(lines.map { $0.prefix(5) } == ["25 % ", "50 % ", "75 % ", "100 %"])
        #expect(lines.allSatisfy { $0.hasSuffix("\n") })
    }

    @Test
    func anEmptyRecordingIsDoneFromTheStart() {
        var progress = ReplayProgress(.plain, bytesMax: 0)
        let text = progress.text(bytes: 0, tally: ReplayTally(), elapsed: .zero)
        #expect(text?.hasPrefix("100 %") == true)
    }
}
