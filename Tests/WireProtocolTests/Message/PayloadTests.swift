import Testing
import WireProtocol

struct PayloadTests {
    /// Memory of a transport, as a test has it.
    private final class Memory: PayloadStorage {
        let content: Payload
        init(_ content: [UInt8]) { self.content = Payload(content) }
        var count: Int { self.content.count }

        func withUnsafeBytes<Result, Failure: Error>(
            _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
        ) throws(Failure) -> Result {
            try self.content.withUnsafeBytes(body)
        }
    }

    @Test func equalBytesAreEqualWhereverTheyLie() {
        #expect(Payload([1, 2, 3]) == Payload(external: Memory([1, 2, 3])))
        #expect(Payload() == Payload(external: Memory([])))
        #expect(Payload([1, 2, 3]) != Payload([1, 2, 4]))
        #expect(Payload([1, 2, 3]) != Payload([1, 2]))
    }

    @Test func externalMemoryIsHandedOnAsItIs() {
        let memory = Memory([7])
        #expect(Payload(external: memory).external === memory)
        #expect(Payload(external: memory).bytes == [7])
        #expect(Payload([7]).external == nil)
    }

    @Test func textIsRepairedAndNotRefused() {
        #expect(Payload([0x61, 0xFF]).text == "a\u{FFFD}")
        #expect(Payload("é").bytes == [0xC3, 0xA9])
        #expect(Payload.empty.text.isEmpty)
        #expect(Payload.empty.isEmpty)
    }
}
