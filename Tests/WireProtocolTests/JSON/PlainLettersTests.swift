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
}
