import Testing

@testable import MessageBus

struct InboundCallsTests {
    @Test func aCallEndsOnceWithTheIDToReplyTo() throws {
        var calls = InboundCalls(countMax: 10)
        let outcome = calls.begin(7, deadline: .at(100), now: .at(0))
        let handle = try #require(outcome)
        let outcome2 = calls.finish(handle)
        #expect(outcome2 == 7)
        #expect(calls.count == 0)
        #expect(calls.workCount == 0)
    }

    @Test func anIDInUseIsRefusedAndOneThatWasGivenUpIsNot() throws {
        var calls = InboundCalls(countMax: 10)
        let outcome = calls.begin(7, deadline: .at(100), now: .at(0))
        let old = try #require(outcome)
        let outcome2 = calls.begin(7, deadline: .at(100), now: .at(0))
        #expect(outcome2 == nil)
        calls.cancel(7)
        let outcome3 = calls.begin(7, deadline: .at(100), now: .at(0))
        let new = try #require(outcome3)
        let outcome4 = calls.finish(old)
        #expect(outcome4 == nil, "the late reply to the old call is not one to the new")
        let outcome5 = calls.finish(new)
        #expect(outcome5 == 7)
    }

    @Test func workThatGoesOnAfterItsCallerGaveUpStillCounts() throws {
        var calls = InboundCalls(countMax: 2)
        let outcome = calls.begin(1, deadline: .at(100), now: .at(0))
        let first = try #require(outcome)
        let outcome2 = calls.begin(2, deadline: .at(100), now: .at(0))
        _ = try #require(outcome2)
        calls.cancel(1)
        calls.expire(upTo: .at(200))
        #expect(calls.count == 0)
        let outcome3 = calls.begin(3, deadline: .at(300), now: .at(200))
        #expect(outcome3 == nil)
        let outcome4 = calls.finish(first)
        #expect(outcome4 == nil)
        let outcome5 = calls.begin(3, deadline: .at(300), now: .at(200))
        #expect(outcome5 != nil)
    }

    @Test func endingAllMakesRoomForTheSameIDs() {
        var calls = InboundCalls(countMax: 100)
        for id in 0..<20 as Range<UInt64> {
            let outcome = calls.begin(id, deadline: .at(100), now: .at(0))
            #expect(outcome != nil)
        }
        calls.cancelAll()
        #expect(calls.count == 0)
        #expect(calls.nextDeadline == nil)
        for id in 0..<20 as Range<UInt64> {
            let outcome2 = calls.begin(id, deadline: .at(100), now: .at(0))
            #expect(outcome2 != nil)
        }
    }
}
