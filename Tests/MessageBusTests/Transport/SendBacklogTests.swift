import Testing
import WireProtocol

@testable import MessageBus

struct SendBacklogTests {
    private func call(_ id: UInt64, bytes: Int = 0, budget: UInt32 = 1000) -> Envelope {
        let header = Header(kind: .call, budgetMilliseconds: budget, callID: id)
        return Envelope(header, body: Payload([UInt8](repeating: 0, count: bytes)))
    }

    @Test func messagesLeaveInTheirOrder() {
        var backlog = SendBacklog(countMax: 1000, byteCountMax: .max)
        var sent: UInt64 = 0
        for id in 0..<500 as Range<UInt64> {
            let outcome = backlog.append(self.call(id), at: .at(0))
            #expect(outcome)
            if id % 3 == 0 {
                #expect(backlog.first(at: .at(0))?.header.callID == sent)
                backlog.removeFirst()
                sent += 1
            }
        }
        while let envelope = backlog.first(at: .at(0)) {
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
        let outcome = backlog.append(self.call(1), at: .at(0))
        #expect(outcome)
        let outcome2 = backlog.append(self.call(2), at: .at(0))
        #expect(outcome2)
        let outcome3 = backlog.append(self.call(3), at: .at(0))
        #expect(!outcome3)
        backlog.removeFirst()
        let outcome4 = backlog.append(self.call(4), at: .at(0))
        #expect(outcome4)
    }

    @Test func theBytesHaveABoundAndOneMessageAlwaysFits() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: 1000)
        let outcome = backlog.append(self.call(1, bytes: 5000), at: .at(0))
        #expect(outcome)
        let outcome2 = backlog.append(self.call(2), at: .at(0))
        #expect(!outcome2)
        backlog.removeFirst()
        let outcome3 = backlog.append(self.call(3, bytes: 900), at: .at(0))
        #expect(outcome3)
        let outcome4 = backlog.append(self.call(4, bytes: 100), at: .at(0))
        #expect(!outcome4)
        let outcome5 = backlog.append(self.call(5, bytes: 50), at: .at(0))
        #expect(outcome5)
        backlog.removeAll()
        let outcome6 = backlog.append(self.call(6, bytes: 900), at: .at(0))
        #expect(outcome6)
    }

    @Test func aCallThatWaitedHasLessOfItsBudgetLeft() {
        var backlog = SendBacklog(countMax: 10, byteCountMax: .max)
        let outcome = backlog.append(self.call(1, budget: 100), at: .at(50))
        #expect(outcome)
        #expect(backlog.first(at: .at(50))?.header.budgetMilliseconds == 100)
        #expect(backlog.first(at: .at(90))?.header.budgetMilliseconds == 60)
        #expect(backlog.first(at: .at(5000))?.header.budgetMilliseconds == 1)
        let outcome2 = backlog.append(Envelope(Header(kind: .ping)), at: .at(50))
        #expect(outcome2)
        backlog.removeFirst()
        #expect(backlog.first(at: .at(5000))?.header.budgetMilliseconds == 0)
    }

    @Test func messagesLeaveTogetherOnceThereAreEnoughOfThem() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        #expect(!backlog.isBurst(at: .at(0)))
        for id in 0..<15 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0)) }
        #expect(!backlog.isBurst(at: .at(0)))
        _ = backlog.append(self.call(15), at: .at(0))
        #expect(backlog.isBurst(at: .at(0)))
        backlog.removeFirst()
        #expect(!backlog.isBurst(at: .at(0)))
    }

    @Test func noMessageWaitsForCompanyForLong() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        _ = backlog.append(self.call(1), at: .at(0))
        #expect(!backlog.isBurst(at: .at(0)))
        #expect(backlog.isBurst(at: .at(1)))
        backlog.removeFirst()
        #expect(!backlog.isBurst(at: .at(1)))
    }

    @Test func aLargeMessageNeedsNoCompany() {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        _ = backlog.append(self.call(1, bytes: 64 * 1024), at: .at(0))
        #expect(backlog.isBurst(at: .at(0)))
    }

    /// The messages of a pack, as the other side reads them.
    private func written(_ count: Int, _ size: Int, of backlog: SendBacklog, at now: MonotonicTime) throws -> [Envelope]
    {
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            backlog.writePack(of: count, at: now, to: UnsafeMutableRawBufferPointer(buffer))
            initialized = size
        }
        var reader = try PackReader(Envelope(Header(kind: .pack), body: Payload(bytes)))
        var targets = TargetMemo()
        var envelopes: [Envelope] = []
        while let envelope = try reader.next(remembering: &targets, bodySizeMax: 1 << 20) { envelopes.append(envelope) }
        return envelopes
    }

    @Test func shortMessagesLeaveInAPackWithWhatIsLeftOfTheirBudgets() throws {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        for id in 0..<5 as Range<UInt64> { _ = backlog.append(self.call(id, bytes: 10), at: .at(id)) }
        let pack = try #require(backlog.pack { _ in true })
        let envelopes = try self.written(pack.count, pack.size, of: backlog, at: .at(10))
        #expect(envelopes.map(\.header.callID) == [0, 1, 2, 3, 4])
        #expect(envelopes.map(\.header.budgetMilliseconds) == [990, 991, 992, 993, 994])
        backlog.removeFirst(pack.count)
        #expect(backlog.isEmpty)
    }

    @Test func aPackHasNoMoreMessagesThanTheProtocolAllows() {
        var backlog = SendBacklog(countMax: 1000, byteCountMax: .max)
        for id in 0..<200 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0)) }
        #expect(backlog.pack { _ in true }?.count == WireLimits.packMessages)
    }

    @Test func aPackEndsBeforeWhatTravelsAloneIsUnwantedOrDoesNotFit() throws {
        var backlog = SendBacklog(countMax: 100, byteCountMax: .max)
        for id in 0..<3 as Range<UInt64> { _ = backlog.append(self.call(id), at: .at(0)) }
        _ = backlog.append(Envelope(Header(kind: .ping)), at: .at(0))
        _ = backlog.append(self.call(4), at: .at(0))
        #expect(backlog.pack { _ in true }?.count == 3)
        #expect(backlog.pack { $0.callID != 2 }?.count == 2)
        #expect(backlog.pack { $0.callID != 1 } == nil)
        backlog.removeAll()
        for id in 0..<10 as Range<UInt64> { _ = backlog.append(self.call(id, bytes: 4000), at: .at(0)) }
        let pack = try #require(backlog.pack { _ in true })
        #expect(pack.size <= WireLimits.packSize && pack.count == 4)
    }
}
