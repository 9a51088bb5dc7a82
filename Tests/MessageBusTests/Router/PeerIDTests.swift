import Testing

@testable import MessageBus

struct PeerIDTests {
    private func peer(_ routingID: [UInt8]) -> PeerID? {
        routingID.withUnsafeBytes { PeerID(routingID: $0) }
    }

    @Test(arguments: [0, 1, 0xDEAD_BEEF, .max] as [UInt32])
    func aRoutingIDOfLibzmqSurvives(number: UInt32) {
        var bytes = [UInt8](repeating: 0xAA, count: PeerID.routingIDSize)
        bytes.withUnsafeMutableBytes { PeerID(rawValue: number).write(to: $0) }
        #expect(bytes[0] == 0)
        #expect(self.peer(bytes) == PeerID(rawValue: number))
    }

    @Test(arguments: [[], [0], [0, 1, 2, 3], [0, 1, 2, 3, 4, 5], [1, 0, 0, 0, 0], Array("alice".utf8)] as [[UInt8]])
    func aRoutingIDThatAPeerChoseIsNone(bytes: [UInt8]) {
        #expect(self.peer(bytes) == nil)
    }
}
