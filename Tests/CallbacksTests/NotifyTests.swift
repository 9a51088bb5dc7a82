import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct NotifyTests {
    @Test func everyoneIsToldAtOnceAndTheReplyWaitsForAll() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["third_party_rules/on_new_event"], as: 1)
        rig.module("b", ["third_party_rules/on_new_event"], as: 2)
        let host = rig.host()
        rig.call("callback/third_party_rules/on_new_event", explain: true, as: host)
        try rig.answer(.answer, "whatever", as: 2)
        #expect(rig.take(.reply, for: host).isEmpty)
        try rig.answer(.continue, as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .continue)
        #expect(reply.body == "null")
        #expect(try JSONValue(parsing: try #require(reply.metadata))["steps"]?.array?.count == 2)
    }

    @Test func aSilentModuleDelaysTheReplyToItsDeadlineOnly() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/told"], as: 1)
        rig.module("b", ["shop/told"], as: 2)
        let host = rig.host()
        rig.call("callback/shop/told", budget: 400, as: host)
        try rig.answer(.continue, as: 1)
        rig.advance(milliseconds: 400)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        #expect(rig.take(.cancel, for: 2).count == 1)
    }

    @Test func aFailureThatIsToFailIsToldWhenAllHaveAnswered() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/told"], as: 1)
        rig.module("b", ["shop/told"], as: 2)
        let host = rig.host()
        rig.call("callback/shop/told", as: host)
        try rig.answer(.error, BusFault(.internal, "oh").encoded(), as: 1)
        #expect(rig.take(.reply, for: host).isEmpty)
        try rig.answer(.continue, as: 2)
        #expect(try rig.takeOne(.reply, for: host).fault() == BusFault(.moduleError, "oh"))
    }

    @Test func twoModulesThatGoTogetherEndTheCallOnce() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/told"], as: 1)
        rig.module("b", ["shop/told"], as: 2)
        let host = rig.host()
        rig.call("callback/shop/told", as: host)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        rig.cannotSend(Header(kind: .ping), to: 2, .unreachable)
        #expect(rig.take(.reply, for: host).count == 1)
    }

    @Test func cancellingReachesEveryone() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/told"], as: 1)
        rig.module("b", ["shop/told"], as: 2)
        let host = rig.host()
        rig.call("callback/shop/told", as: host)
        rig.say(Header(kind: .cancel, callID: 7), as: host)
        #expect(rig.take(.cancel, for: 1).count == 1)
        #expect(rig.take(.cancel, for: 2).count == 1)
    }
}
