import SeededRandom
import Testing

@testable import Gateway

struct CallLedgerTests {
    private let start = ContinuousClock.now

    private static func admit<Kept>(
        _ kept: Kept,
        to ledger: inout CallLedger<Kept>,
        _ deadline: ContinuousClock.Instant
    ) throws -> CallLedger<Kept>.ID {
        let id = ledger.admit(kept, deadline: deadline)
        return try #require(id)
    }

    @Test func aCallEndsOnce() throws {
        var ledger = CallLedger<String>(capacity: 2)
        let id = try Self.admit("a", to: &ledger, self.start)
        #expect(ledger.settle(id) == "a")
        #expect(ledger.settle(id) == nil)
        #expect(ledger.count == 0)
    }

    @Test func aFullLedgerAdmitsNobodyUntilACallEnds() throws {
        var ledger = CallLedger<Int>(capacity: 2)
        let first = try Self.admit(1, to: &ledger, self.start)
        _ = ledger.admit(2, deadline: self.start)
        #expect(ledger.admit(3, deadline: self.start) == nil)
        _ = ledger.settle(first)
        #expect(ledger.admit(3, deadline: self.start) != nil)
    }

    @Test func aLateReplyDoesNotEndTheCallThatTookThePlace() throws {
        var ledger = CallLedger<String>(capacity: 1)
        let old = try Self.admit("old", to: &ledger, self.start)
        #expect(ledger.expire(now: self.start) == ["old"])
        let new = try Self.admit("new", to: &ledger, self.start)
        #expect(ledger.settle(old) == nil)
        #expect(!ledger.update(old) { $0 = "changed" })
        #expect(ledger.settle(new) == "new")
    }

    @Test func onlyLateCallsExpire() throws {
        var ledger = CallLedger<Int>(capacity: 10)
        for second in 1...5 {
            _ = ledger.admit(second, deadline: self.start + .seconds(second))
        }
        #expect(ledger.expire(now: self.start).isEmpty)
        #expect(ledger.expire(now: self.start + .seconds(3)) == [1, 2, 3])
        #expect(ledger.count == 2)
    }

    @Test(arguments: 1...20)
    func theLedgerAgreesWithADictionary(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var ledger = CallLedger<Int>(capacity: 8)
        var model: [CallLedger<Int>.ID: (Int, Int)] = [:]
        var ended: [CallLedger<Int>.ID] = []
        for step in 0..<1000 {
            let agrees: Bool
            switch Int.random(in: 0...3, using: &random) {
            case 0, 1:
                let id = ledger.admit(step, deadline: self.start + .seconds(step))
                agrees = (id == nil) == (model.count == 8)
                if let id { model[id] = (step, step) }
            case 2:
                // Sorted, because the order of a dictionary's keys is another one in each process.
                let known = model.sorted { $0.value.0 < $1.value.0 }.map(\.key)
                guard let id = (known + ended.suffix(4)).randomElement(using: &random) else { continue }
                agrees = ledger.settle(id) == model.removeValue(forKey: id)?.0
                ended.append(id)
            default:
                let limit = step - 20
                let expired = ledger.expire(now: self.start + .seconds(limit)).sorted()
                agrees = expired == model.values.filter { $0.1 <= limit }.map(\.0).sorted()
                model = model.filter { $0.value.1 > limit }
            }
            #expect(agrees && ledger.count == model.count, "in step \(step)")
        }
    }
}
