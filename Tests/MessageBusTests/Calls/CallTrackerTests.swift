import SeededRandom
import Testing

@testable import MessageBus

struct CallTrackerTests {
    @Test func aCallIsFoundUntilItEnds() throws {
        var tracker = CallTracker<String>()
        let outcome = tracker.insert("a", deadline: .at(100), now: .at(0))
        let id = try #require(outcome)
        #expect(id != 0)
        #expect(tracker[id] == "a")
        tracker[id] = "b"
        let outcome2 = tracker.remove(id)
        #expect(outcome2 == "b")
        let outcome3 = tracker.remove(id)
        #expect(outcome3 == nil)
        #expect(tracker[id] == nil)
        #expect(tracker.count == 0)
        #expect(tracker.nextDeadline == nil)
    }

    @Test func aCallThatIsNotWhatIsWantedStays() throws {
        var tracker = CallTracker<String>()
        let inserted = tracker.insert("a", deadline: .at(100), now: .at(0))
        let id = try #require(inserted)
        let other = tracker.remove(id) { $0 == "b" }
        #expect(other == nil)
        #expect(tracker[id] == "a")
        #expect(tracker.nextDeadline != nil)
        let wanted = tracker.remove(id) { $0 == "a" }
        #expect(wanted == "a")
        #expect(tracker.count == 0)
        #expect(tracker.nextDeadline == nil)
        let again = tracker.remove(id) { _ in true }
        #expect(again == nil)
    }

    @Test func aPlaceThatIsUsedAgainHasAnotherID() throws {
        var tracker = CallTracker<Int>(countMax: 1)
        var ids: Set<UInt64> = []
        for number in 0..<1000 {
            let outcome = tracker.insert(number, deadline: .at(100), now: .at(0))
            let id = try #require(outcome)
            #expect(ids.insert(id).inserted)
            #expect(ids.allSatisfy { $0 == id || tracker[$0] == nil } || number > 20)
            let outcome2 = tracker.remove(id)
            #expect(outcome2 == number)
        }
        #expect(Set(ids.map { $0 & 0xFFFF_FFFF }) == [0])
    }

    @Test func theBoundIsKept() {
        var tracker = CallTracker<Int>(countMax: 3)
        let ids = (0..<5).map { tracker.insert($0, deadline: .at(10), now: .at(0)) }
        #expect(ids.map { $0 != nil } == [true, true, true, false, false])
        #expect(tracker.count == 3)
        let outcome = tracker.expire(upTo: .at(10))
        #expect(outcome.map(\.context).sorted() == [0, 1, 2])
        let outcome2 = tracker.insert(6, deadline: .at(20), now: .at(10))
        #expect(outcome2 != nil)
    }

    @Test(arguments: [0, 1, .max, 1 << 32, 0xFFFF_FFFF] as [UInt64])
    func anIDThatWasNeverGivenFindsNothing(id: UInt64) {
        var tracker = CallTracker<Int>()
        _ = tracker.insert(1, deadline: .at(10), now: .at(0)).flatMap { tracker.remove($0) }
        #expect(tracker[id] == nil)
        let outcome = tracker.remove(id)
        #expect(outcome == nil)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func randomOperationsAgreeWithTheModel(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var tracker = CallTracker<Int>(countMax: 40)
        var model: [UInt64: (context: Int, deadline: UInt64)] = [:]
        var ended: [UInt64] = []
        var now: UInt64 = 1000
        for number in 0..<2000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...4:
                let deadline = now + UInt64.random(in: 1...9000, using: &random)
                let id = tracker.insert(number, deadline: .at(deadline), now: .at(now))
                #expect((id == nil) == (model.count == 40))
                if let id {
                    #expect(model.updateValue((number, deadline), forKey: id) == nil)
                    #expect(!ended.contains(id))
                }
            case 5, 6:
                guard let id = model.keys.min() else { break }
                let outcome = tracker.remove(id)
                #expect(outcome == model.removeValue(forKey: id)?.context)
                ended.append(id)
            case 7:
                if let id = ended.randomElement(using: &random) {
                    let outcome2 = tracker.remove(id)
                    #expect(outcome2 == nil)
                }
            case 8:
                let picked = tracker.removeAll { $0 % 7 == 0 }
                #expect(Set(picked.map(\.id)) == Set(model.filter { $0.value.context % 7 == 0 }.keys))
                for call in picked { model[call.id] = nil }
                ended += picked.map(\.id)
            default:
                now += UInt64.random(in: 0...3000, using: &random)
                let expired = tracker.expire(upTo: .at(now))
                #expect(Set(expired.map(\.id)) == Set(model.filter { $0.value.deadline <= now }.keys))
                for call in expired { model[call.id] = nil }
                ended += expired.map(\.id)
            }
            #expect(tracker.count == model.count)
        }
    }
}
