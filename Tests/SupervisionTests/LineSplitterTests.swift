import SeededRandom
import Testing

@testable import Recordings
@testable import Supervision

struct LineSplitterTests {
    private func lines(_ chunks: [String], max: Int = 8) -> [String] {
        var splitter = LineSplitter(bytesMax: max)
        var lines = chunks.flatMap { splitter.lines(adding: $0.utf8) }
        if let rest = splitter.finish() { lines.append(rest) }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (["a\nb\n"], ["a", "b"]), (["a", "b\nc"], ["ab", "c"]), (["a\r\n\n"], ["a", ""]), ([""], []), (["\n"], [""]),
        (["123456789\n"], ["12345678", "9"]), (["12345678\n"], ["12345678"]),
    ])
    func bytesBecomeLines(_ chunks: [String], _ expected: [String]) {
        #expect(self.lines(chunks) == expected)
    }

    @Test func howTheBytesArriveDoesNotMatter() {
        var generator = SplitMix64(seed: 5)
        for _ in 0..<300 {
            let text = String(
                (0..<Int.random(in: 0...80, using: &generator)).compactMap { _ in
                    "ab\n".randomElement(using: &generator)
                }
            )
            let pieces = text.split(separator: "a", omittingEmptySubsequences: false).map(String.init)
            let chunks = pieces.enumerated().map { $0.offset == 0 ? $0.element : "a" + $0.element }
            #expect(self.lines(chunks) == self.lines([text]))
            #expect(self.lines([text]).allSatisfy { $0.utf8.count <= 8 })
        }
    }
}
