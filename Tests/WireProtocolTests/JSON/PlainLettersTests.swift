import SeededRandom
import Testing

@testable import WireProtocol

struct PlainLettersTests {
    private func end(in bytes: [UInt8], from start: Int = 0) -> Int {
        bytes.withUnsafeBytes { PlainLetters.end(in: $0, from: start) }
    }

    @Test func everyByteIsJudgedAlikeWhereverItStands() {
        for byte in UInt8.min...UInt8.max {
            let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
            for position in 0..<43 {
                var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 43)
                bytes[position] = byte
                #expect(self.end(in: bytes) == (isPlain ? 43 : position), "\(byte) at \(position)")
            }
        }
    }

    @Test func neighboursDoNotDisguiseEachOther() {
        // A byte that borrows from its neighbour must not make that one look plain, nor the other way round.
        for pair in [[0x22, 0x23], [0x23, 0x22], [0x5C, 0x5D], [0x1F, 0x20], [0x20, 0x1F], [0x00, 0x80]] as [[UInt8]] {
            let first = pair.firstIndex { $0 < 0x20 || $0 >= 0x80 || $0 == 0x22 || $0 == 0x5C } ?? 2
            let bytes = [UInt8](repeating: 0x7F, count: 4) + pair + [UInt8](repeating: 0x20, count: 4)
            #expect(self.end(in: bytes) == 4 + first)
        }
    }

    @Test func anUnescapedRunGoesOverLettersThatAreNoASCII() {
        for byte in UInt8.min...UInt8.max {
            let isEscaped = byte < 0x20 || byte == 0x22 || byte == 0x5C
            for position in 0..<43 {
                var bytes = [UInt8](repeating: 0xC3, count: 43)
                bytes[position] = byte
                let end = bytes.withUnsafeBytes { PlainLetters.unescapedEnd(in: $0, from: 0) }
                #expect(end == (isEscaped ? position : 43), "\(byte) at \(position)")
            }
        }
    }

    @Test func aRunBeginsWhereItIsToldAndEndsWithTheBytes() {
        let bytes = Array(#"say "hello" to everybody who listens"#.utf8)
        #expect(self.end(in: bytes) == 4)
        #expect(self.end(in: bytes, from: 5) == 10)
        #expect(self.end(in: bytes, from: 11) == bytes.count)
        #expect(self.end(in: bytes, from: bytes.count) == bytes.count)
        #expect(self.end(in: []) == 0)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func aRunEndsWhereTheFirstLetterSaysSo(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let letters: [UInt8] = [0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF, 0]
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...100, using: &random)).map { _ in
                UInt8.random(in: 0x61...0x7A, using: &random)
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &random)] = letters.randomElement(using: &random) ?? 0
            }
            let isEscaped: (UInt8) -> Bool = { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
            let start = Int.random(in: 0...bytes.count, using: &random)
            let plain = bytes[start...].firstIndex { isEscaped($0) || $0 > 0x7F } ?? bytes.count
            #expect(self.end(in: bytes, from: start) == plain, "\(bytes)")
            let unescaped = bytes[start...].firstIndex(where: isEscaped) ?? bytes.count
            let end = bytes.withUnsafeBytes { PlainLetters.unescapedEnd(in: $0, from: start) }
            #expect(end == unescaped, "\(bytes)")
        }
    }
}
