import Testing

@testable import ZeroMQ

struct MessageTests {
    @Test(arguments: [0, 1, 29, 33, 34, 5000, 1 << 20])
    func aMessageHoldsTheBytesItWasMadeOf(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let message = Message(bytes)
        #expect(message.count == count)
        #expect([UInt8](message) == bytes)
        let hasMore = message.hasMore
        #expect(!hasMore)
    }

    @Test
    func bytesAreWrittenInPlace() {
        let message = Message(count: 8) { $0.storeBytes(of: 7, as: UInt64.self) }
        #expect(message.withUnsafeBytes { $0.load(as: UInt64.self) } == 7)
    }

    @Test(arguments: [0, 5, 33, 34, 5000])
    func bytesCanBeChangedWhereTheyAre(count: Int) {
        var message = Message([UInt8](repeating: 1, count: count))
        message.withUnsafeMutableBytes { bytes in
            for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index) }
        }
        #expect([UInt8](message) == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test(arguments: [5, 5000])
    func takingLeavesAnEmptyMessageThatCanBeUsedAgain(count: Int) {
        var message = Message([UInt8](repeating: 1, count: count))
        let taken = message.take()
        #expect(taken.count == count)
        #expect(message.count == 0)
        message = Message([2])
        #expect([UInt8](message) == [2])
    }

    @Test
    func takingMovesALargeBodyWithoutCopyingIt() {
        var message = Message([UInt8](repeating: 1, count: 5000))
        let before = message.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let taken = message.take()
        #expect(taken.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } == before)
    }

    @Test
    func anErrorWhileWritingIsPassedOn() {
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            _ = try Message(count: 100) { _ throws(Refused) in throw Refused() }
        }
    }

    @Test
    func aMessageThatWasNotReceivedHasNoProperties() {
        #expect(Message([1]).property("Peer-Address") == nil)
    }
}
