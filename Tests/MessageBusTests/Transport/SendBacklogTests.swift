import Testing
import WireProtocol

@testable import MessageBus

struct SendBacklogTests {
    private func call(_ id: UInt64, bytes: Int = 0, budget: UInt32 = 1000) -> Envelope {
        let header = Header(kind: .call, budgetMilliseconds: budget, callID: id)
        return Envelope(header, body: Payload([UInt8](repeating: 0, count: bytes)))
    }

    /// The messages that leave next, as the other side reads them.
    private static func next(
        _ backlog: inout SendBacklog,
        at now: MonotonicTime,
        where isWanted: (UInt64) -> Bool = { _ in true }
    ) -> [Envelope] {
        switch backlog.first(at: now, where: isWanted) {
        case .alone(let envelope): [envelope]
        case .pack(let pack): pack.envelopes
        case nil: []
        }
    }

    @Test func messagesLeaveInTheirOrder() {
        var backlog = SendBacklog(countMax: 1000, byteCountMax: .max)
        var sent: UInt64 = 0
        for id in 0..<500 as Range<UInt64> {
            let outcome = backlog.append(self.call(id), at: .at(0), readsPacks: false)
            #expect(outcome)
            if id % 3 == 0 {
                #expect(Self.next(&backlog, at: .at(0)).first?.header.callID == sent)
                backlog.removeFirst()
                sent += 1
            }
        }
        while let envelope = Self.next(&backlog, at: .at(0)).first {
            #expect(envelope.header.callID == sent)
            backlog.removeFirst()
            sent += 1
        }
        #expect(sent == 500)
        #expect(backlog.isEmpty)
        backlog.removeFirst()
        #expect(backlog.count == 0)
    }

    @Test func theNumberOfMessagesHasABound() {
        var backlog = SendBacklog(countMax: 2, byteCountMax: .max)
        let outcome = backlog.append(self.call(1), at: .at(0), readsPacks: false)
        #expect(outcome)
        let outcome2 = backlog.append(self.call(2), at: .at(0), readsPacks: false)
        #expect(outcome2)
        let outcome3 = backlog.append(self.call(3), at: .at(0), readsPacks: false)
        #expect(!outcome3)
        backlog.removeFirst()
        let outcome4 = backlog.append(self.call(4), at: .at(0), readsPacks: false)
        #expect(outcome4)
    }

    @Test func theBytesHaveABoundAndOneMessageAlwaysFits() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: 1000)
        let outcome = backlog.append(self.call(1, bytes: 5000), at: .at(0), readsPacks: false)
        #expect(outcome)
        let outcome2 = backlog.append(self.call(2), at: .at(0), readsPacks: false)
        #expect(!outcome2)
        backlog.removeFirst()
        let outcome3 = backlog.append(self.call(3, bytes: 900), at: .at(0), readsPacks: false)
        #expect(outcome3)
        let outcome4 = backlog.append(self.call(4, bytes: 100), at: .at(0), readsPacks: false)
        #expect(!outcome4)
        let outcome5 = backlog.append(self.call(5, bytes: 50), at: .at(0), readsPacks: false)
        #expect(outcome5)
        backlog.removeAll()
        let outcome6 = backlog.append(self.call(6, bytes: 900), at: .at(0), readsPacks: false)
        #expect(outcome6)
    }

    @Test func aCallThatWaitedHasLessOfItsBudgetLeft() {
        var backlog = SendBacklog(countMax: 10, byteCountMax: .max)
        let outcome = backlog.append(self.call(1, budget: 100), at: .at(50), readsPacks: false)
        #expect(outcome)
        #expect(Self.next(&backlog, at: .at(50)).first?.header.budgetMilliseconds == 100)
        #expect(Self.next(&backlog, at: .at(90)).first?.header.budgetMilliseconds == 60)
        #expect(Self.next(&backlog, at: .at(5000)).first?.header.budgetMilliseconds == 1)
        let outcome2 = backlog.append(Envelope(Header(kind: .ping)), at: .at(50), readsPacks: false)
        #expect(outcome2)
        backlog.removeFirst()
        #expect(Self.next(&backlog, at: .at(5000)).first?.header.budgetMilliseconds == 0)
    }

    @Test func messagesLeaveTogetherOnceThereAreEnoughOfThem() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        #expect(!backlog.isBurst(at: .at(0), among: 1))
        for id in 0..<15 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0), readsPacks: false) }
        #expect(!backlog.isBurst(at: .at(0), among: 1))
        _ = backlog.append(self.call(15), at: .at(0), readsPacks: false)
        #expect(backlog.isBurst(at: .at(0), among: 1))
        backlog.removeFirst()
        #expect(!backlog.isBurst(at: .at(0), among: 1))
    }

    @Test func noMessageWaitsForCompanyForLong() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        _ = backlog.append(self.call(1), at: .at(0), readsPacks: false)
        #expect(!backlog.isBurst(at: .at(0), among: 1))
        #expect(backlog.isBurst(at: .at(1), among: 1))
        backlog.removeFirst()
        #expect(!backlog.isBurst(at: .at(1), among: 1))
    }

    @Test func aLargeMessageNeedsNoCompany() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        _ = backlog.append(self.call(1, bytes: 64 * 1024), at: .at(0), readsPacks: false)
        #expect(backlog.isBurst(at: .at(0), among: 1))
    }

    @Test func theMoreCallsAreInFlightTheLongerABurstIs() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        for id in 0..<31 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0), readsPacks: false) }
        #expect(backlog.isBurst(at: .at(0), among: 64))
        #expect(!backlog.isBurst(at: .at(0), among: 128))
        for id in 31..<64 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0), readsPacks: false) }
        #expect(backlog.isBurst(at: .at(0), among: 100_000))
    }

    // MARK: Packs

    @Test func shortMessagesLeaveInAPackWithWhatIsLeftOfTheirBudgets() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        for id in 0..<5 as Range<UInt64> { _ = backlog.append(self.call(id, bytes: 10), at: .at(id), readsPacks: true) }
        let envelopes = Self.next(&backlog, at: .at(10))
        #expect(envelopes.map(\.header.callID) == [0, 1, 2, 3, 4])
        #expect(envelopes.map(\.header.budgetMilliseconds) == [990, 991, 992, 993, 994])
        // Whoever could not send it asks again.
        #expect(Self.next(&backlog, at: .at(20)).map(\.header.budgetMilliseconds) == [980, 981, 982, 983, 984])
        backlog.removeFirst()
        #expect(backlog.isEmpty)
        #expect(Self.next(&backlog, at: .at(20)).isEmpty)
    }

    @Test func aPackThatWaitsLeavesOutTheCallsThatNobodyWaitsFor() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        for id in 0..<5 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0), readsPacks: true) }
        #expect(Self.next(&backlog, at: .at(3), where: { $0 % 2 == 0 }).map(\.header.callID) == [0, 2, 4])
        #expect(Self.next(&backlog, at: .at(4), where: { _ in false }).isEmpty)
        #expect(backlog.isEmpty && backlog.count == 0)
    }

    @Test func aPackHasNoMoreMessagesThanTheProtocolAllows() {
        var backlog = SendBacklog(countMax: 1000, byteCountMax: .max)
        for id in 0..<200 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0), readsPacks: true) }
        var counts: [Int] = []
        var ids: [UInt64] = []
        while !backlog.isEmpty {
            let envelopes = Self.next(&backlog, at: .at(0))
            counts.append(envelopes.count)
            ids += envelopes.map(\.header.callID)
            backlog.removeFirst()
        }
        #expect(counts == [64, 64, 64, 8])
        #expect(ids == Array(0..<200))
    }

    @Test func whatTravelsAloneKeepsItsPlaceBetweenPacks() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        for id in 0..<3 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0), readsPacks: true) }
        _ = backlog.append(Envelope(Header(kind: .ping)), at: .at(0), readsPacks: true)
        _ = backlog.append(self.call(4), at: .at(0), readsPacks: true)
        var parcels: [[MessageKind]] = []
        while !backlog.isEmpty {
            parcels.append(Self.next(&backlog, at: .at(0)).map(\.header.kind))
            backlog.removeFirst()
        }
        #expect(parcels == [[.call, .call, .call], [.ping], [.call]])
    }

    @Test func aFullPackIsABurst() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        for id in 0..<3 as Range<UInt64> {
            _ = backlog.append(self.call(id, bytes: 4000), at: .at(0), readsPacks: true)
            #expect(!backlog.isBurst(at: .at(0), among: 1))
        }
        _ = backlog.append(self.call(3, bytes: 4000), at: .at(0), readsPacks: true)
        #expect(backlog.isBurst(at: .at(0), among: 1))
        #expect(Self.next(&backlog, at: .at(0)).count == 4)
    }

    @Test func whatAPackHoldsCountsUntilItLeaves() {
        var backlog = SendBacklog(countMax: 3, byteCountMax: .max)
        for id in 0..<3 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0), readsPacks: true) }
        let refused = backlog.append(self.call(3), at: .at(0), readsPacks: true)
        #expect(!refused && backlog.count == 3)
        backlog.removeFirst()
        let taken = backlog.append(self.call(3), at: .at(0), readsPacks: true)
        #expect(taken)
        #expect(Self.next(&backlog, at: .at(0)).map(\.header.callID) == [3])
    }

    @Test func aPackThatWaitsBehindOthersIsShortenedTooAndMayBecomeEmpty() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        _ = backlog.append(Envelope(Header(kind: .ping)), at: .at(0), readsPacks: true)
        for id in 0..<3 as Range<UInt64> { _ = backlog.append(self.call(id, bytes: 9), at: .at(0), readsPacks: true) }
        _ = backlog.append(Envelope(Header(kind: .ping)), at: .at(0), readsPacks: true)
        _ = backlog.append(self.call(7), at: .at(2), readsPacks: true)
        backlog.removeFirst()
        let left = Self.next(&backlog, at: .at(5), where: { $0 == 1 })
        #expect(left.map(\.header.callID) == [1] && left.map(\.header.budgetMilliseconds) == [995])
        #expect(left.map(\.body.count) == [9])
        #expect(Self.next(&backlog, at: .at(6), where: { _ in false }).map(\.header.kind) == [.ping])
        backlog.removeFirst()
        #expect(Self.next(&backlog, at: .at(6)).map(\.header.budgetMilliseconds) == [996])
        backlog.removeFirst()
        #expect(backlog.isEmpty && backlog.count == 0)
        let largest = backlog.append(self.call(8), at: .at(6), readsPacks: true)
        #expect(largest)
    }
}
