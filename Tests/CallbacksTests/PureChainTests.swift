import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct PureChainTests {
    private static let target = ChainTests.spamTarget

    /// Modules `a`, `b`, `c` … at the peers 1, 2, 3 …; those whose letter is upper case here are pure.
    private static func rig(_ purity: String, _ callback: String = ChainTests.spam) throws -> (DispatcherRig, PeerID) {
        let ids = purity.map { $0.lowercased() }
        var rig = try DispatcherRig(ids.map { .init(id: $0) })
        for (index, letter) in purity.enumerated() {
            rig.module(ids[index], [callback], pure: letter.isUppercase, as: PeerID(rawValue: UInt32(index + 1)))
        }
        let host = rig.host()
        return (rig, host)
    }

    @Test func pureMembersAreAskedAtOnceWithOneBody() throws {
        var (rig, host) = try Self.rig("ABC")
        rig.call(Self.target, metadata: "{\"traceparent\":\"x\"}", body: "{\"event\":{}}", as: host)
        for peer in [1, 2, 3] as [PeerID] {
            let call = try rig.takeOne(.call, for: peer)
            #expect(call.body == "{\"event\":{}}")
            #expect(call.metadata == "{\"traceparent\":\"x\"}")
            #expect(call.header.budgetMilliseconds == 975)
        }
    }

    @Test func anOperatorMayHaveThemAskedOneAfterTheOther() throws {
        var override = PolicyOverride(CallbackPattern(ChainTests.spam))
        override.isParallel = false
        var rig = try DispatcherRig("a", "b") { $0.catalogue = $0.catalogue.overridden(by: [override]) }
        rig.module("a", [ChainTests.spam], pure: true, as: 1)
        rig.module("b", [ChainTests.spam], pure: true, as: 2)
        let host = rig.host()
        rig.call(Self.target, as: host)
        #expect(rig.take(.call, for: 2).isEmpty)
        try rig.answer(.answer, "\"NOT_SPAM\"", as: 1)
        #expect(rig.take(.call, for: 2).count == 1)
    }

    @Test func theFirstInOrderDecidesHoweverLateItIs() throws {
        var (rig, host) = try Self.rig("ABC")
        rig.call(Self.target, explain: true, as: host)
        try rig.answer(.answer, "\"M_UNKNOWN\"", as: 3)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 2)
        #expect(rig.take(.reply, for: host).isEmpty)
        try rig.answer(.answer, "\"NOT_SPAM\"", as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.body == "\"M_FORBIDDEN\"")
        #expect(reply.header.target == "b")
        let steps = try JSONValue(parsing: try #require(reply.metadata))["steps"]?.array
        #expect(steps?.map { $0["module"] } == ["a", "b"])
    }

    @Test func whatCannotChangeADecisionAnyMoreIsCancelled() throws {
        var (rig, host) = try Self.rig("ABC")
        rig.call(Self.target, as: host)
        let late = try rig.takeOne(.call, for: 3)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 1)
        #expect(try rig.takeOne(.reply, for: host).header.target == "a")
        #expect(rig.take(.cancel, for: 1).isEmpty)
        #expect(rig.take(.cancel, for: 2).count == 1)
        #expect(try rig.takeOne(.cancel, for: 3).header.callID == late.header.callID)
        rig.answer(late, .answer, "\"M_UNKNOWN\"", as: 3)
        #expect(rig.take(.reply, for: host).isEmpty)
        let counters = try rig.admin("modules", as: host)["modules"]?.array?[2]["counters"]?[ChainTests.spam]
        #expect(counters?["calls"] == 1)
        #expect(counters?["cancelled"] == 1)
    }

    @Test func nobodyIsAskedTogetherWithAMemberThatIsNotPure() throws {
        var (rig, host) = try Self.rig("ABcDE")
        rig.call(Self.target, as: host)
        try rig.answer(.continue, as: 2)
        #expect(rig.take(.call, for: 3).isEmpty)
        try rig.answer(.continue, as: 1)
        #expect(rig.take(.call, for: 4).isEmpty)
        try rig.answer(.continue, as: 3)
        try rig.answer(.continue, as: 5)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 4)
        #expect(try rig.takeOne(.reply, for: host).header.target == "d")
    }

    @Test func aFailureThatEndsTheChainCountsInItsPlace() throws {
        var (rig, host) = try Self.rig("ABC", "shop/may_buy")
        rig.call("callback/shop/may_buy", as: host)
        try rig.answer(.error, BusFault(.internal, "oh").encoded(), as: 2)
        #expect(rig.take(.reply, for: host).isEmpty)
        try rig.answer(.answer, "\"deny\"", as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.body == "\"deny\"")
        #expect(reply.header.target == "a")
    }

    @Test func allThatHangEndTheCallOnceAtItsDeadline() throws {
        var (rig, host) = try Self.rig("ABC", "shop/may_buy")
        rig.call("callback/shop/may_buy", budget: 400, as: host)
        rig.advance(milliseconds: 400)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .timeout)
        for peer in [1, 2, 3] as [PeerID] { #expect(rig.take(.cancel, for: peer).count == 1) }
        #expect(rig.core.peers.places.allSatisfy { rig.core.peers[$0].outgoing == 0 })
    }

    @Test func theCallersCancelReachesAllThatAreAsked() throws {
        var (rig, host) = try Self.rig("ABC")
        rig.call(Self.target, as: host)
        try rig.answer(.continue, as: 2)
        rig.say(Header(kind: .cancel, callID: 7), as: host)
        #expect(rig.take(.cancel, for: 1).count == 1)
        #expect(rig.take(.cancel, for: 2).isEmpty)
        #expect(rig.take(.cancel, for: 3).count == 1)
    }

    @Test func resultsAreUnitedInOrderAndTheValueThatSwallowsAllEndsIt() throws {
        let callback = "add_extra_fields_to_unsigned_client_event/add_field_to_unsigned_callback"
        var (rig, host) = try Self.rig("AB", callback)
        rig.call("callback/\(callback)", as: host)
        try rig.answer(.answer, "{\"y\":2}", as: 2)
        try rig.answer(.answer, "{\"x\":1,\"y\":1}", as: 1)
        #expect(try JSONValue(parsing: try rig.takeOne(.reply, for: host).body) == ["x": 1, "y": 2])
    }

    @Test func aModuleIsPureWhenAllItsReplicasSaySo() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [ChainTests.spam], pure: true, as: 1)
        rig.module("b", [ChainTests.spam], pure: true, as: 2)
        rig.module("b", [ChainTests.spam], pure: false, as: 3)
        let host = rig.host()
        rig.call(Self.target, as: host)
        #expect(rig.take(.call, for: 2).isEmpty)
        #expect(rig.take(.call, for: 3).isEmpty)
        try rig.answer(.continue, as: 1)
        #expect(rig.take(.call, for: 2).count + rig.take(.call, for: 3).count == 1)
    }

    @Test(arguments: ["shop/price", "shop/visit", "third_party_rules/check_event_allowed"])
    func callbacksWhoseMembersDependOnEachOtherAreAskedOneByOne(callback: String) throws {
        var (rig, host) = try Self.rig("AB", callback)
        rig.call("callback/\(callback)", metadata: "{\"scope\":\"enter\"}", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
        #expect(rig.take(.call, for: 2).isEmpty)
    }

    @Test func nobodyIsAskedBehindAFailureThatHasDecidedAlready() throws {
        var rig = try DispatcherRig("a", "b") { $0.queueMax = 0 }
        rig.module("a", ["shop/may_buy"], concurrency: 1, pure: true, as: 1)
        rig.module("b", ["shop/may_buy"], pure: true, as: 2)
        let host = rig.host()
        rig.call("callback/shop/may_buy", id: 1, as: host)
        rig.call("callback/shop/may_buy", id: 2, as: host)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.header.callID == 2)
        #expect(reply.status == .overloaded)
        #expect(rig.take(.call, for: 2).count == 1)
        #expect(rig.take(.cancel, for: 2).isEmpty)
    }

    @Test func whoHangsHasFailedAlsoWhereOneThatStillWaitsDecides() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/may_buy"], concurrency: 1, pure: true, as: 1)
        rig.module("b", ["shop/may_buy"], pure: true, as: 2)
        let host = rig.host()
        rig.call("callback/shop/may_buy", id: 1, budget: 30_000, as: host)
        rig.call("callback/shop/may_buy", id: 2, budget: 400, as: host)
        rig.advance(milliseconds: 400)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.header.callID == 2)
        #expect(reply.status == .overloaded)
        let counters = try rig.admin("modules", as: host)["modules"]?.array?[1]["counters"]?["shop/may_buy"]
        #expect(counters?["timeouts"] == 1)
        #expect(counters?["cancelled"] == 0)
    }
}
