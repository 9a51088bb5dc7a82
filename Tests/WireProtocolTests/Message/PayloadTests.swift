import Testing
import WireProtocol

struct PayloadTests {
    /// Memory of a transport, as a test has it.
    private final class Memory: PayloadStorage, @unchecked Sendable {
        let bytes: UnsafeRawBufferPointer

        init(_ content: [UInt8]) {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: content.count, alignment: 1)
            memory.copyBytes(from: content)
            self.bytes = UnsafeRawBufferPointer(memory)
        }

        deinit {
            self.bytes.deallocate()
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
        #expect(Payload(external: memory).bytes == [7])
    }

    @Test func whatATransportHoldsCanBeTakenOut() {
        let memory = Memory([7, 8])
        var payload = Payload(external: memory)
        #expect(payload.takeStorage(as: Memory.self) === memory)
        #expect(payload.isEmpty)
        #expect(payload.takeStorage(as: Memory.self) == nil)
    }

    @Test func whatIsNotAllThatATransportHoldsStays() {
        final class OtherMemory: PayloadStorage {
            var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
        }
        var part = Payload(external: Memory([7, 8])).part(0..<1)
        #expect(part.takeStorage(as: Memory.self) == nil)
        #expect(part.bytes == [7])
        var own = Payload([9])
        #expect(own.takeStorage(as: Memory.self) == nil)
        #expect(own.bytes == [9])
        var other = Payload(external: Memory([7, 8]))
        #expect(other.takeStorage(as: OtherMemory.self) == nil)
        #expect(other.bytes == [7, 8])
        let memory = Memory([7, 8])
        var all = Payload(external: memory).part(0..<2)
        #expect(all.takeStorage(as: Memory.self) === memory)
    }

    @Test func textIsRepairedAndNotRefused() {
        #expect(Payload([0x61, 0xFF]).text == "a\u{FFFD}")
        #expect(Payload("é").bytes == [0xC3, 0xA9])
        #expect(Payload.empty.text.isEmpty)
        #expect(Payload.empty.isEmpty)
    }
}
