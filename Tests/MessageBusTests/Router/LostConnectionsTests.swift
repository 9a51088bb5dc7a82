import Testing
import WireProtocol

@testable import MessageBus

struct LostConnectionsTests {
    private static let header = Header(kind: .ping)
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    private func twoLost() -> LostConnections {
        var lost = LostConnections()
        lost.append(Self.header, to: PeerID(rawValue: 1), at: self.start)
        lost.append(Self.header, to: PeerID(rawValue: 2), at: self.start)
        return lost
    }

    @Test func onlyThoseAreToldOfThatWereLostBeforeTheSocketWasReadEmpty() {
        var lost = self.twoLost()
        #expect(lost.take(1, isDrained: true, at: self.start).map(\.peer.rawValue) == [1])
        #expect(lost.take(1, isDrained: true, at: self.start).map(\.peer.rawValue) == [2])
        #expect(lost.isEmpty)
    }

    @Test func aSocketThatIsNeverEmptyKeepsTheEndBackForAMomentOnly() {
        var lost = self.twoLost()
        #expect(lost.take(2, isDrained: false, at: self.start).isEmpty)
        let almost = self.start + (LostConnections.patience - .nanoseconds(1))
        #expect(lost.take(2, isDrained: false, at: almost).isEmpty)
        #expect(lost.take(2, isDrained: false, at: self.start + LostConnections.patience).count == 2)
        #expect(lost.isEmpty)
    }
}
