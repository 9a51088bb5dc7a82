import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct ShadowTests {
    static func rig(_ callback: String = ChainTests.spam) throws -> (DispatcherRig, PeerID) {
        var shadow = DispatcherConfiguration.Module(id: "shadow")
        shadow.isShadow = true
        var rig = try DispatcherRig([shadow, .init(id: "a")])
        rig.module("shadow", [callback], as: 1)
        rig.module("a", [callback], as: 2)
        let host = rig.host()
        return (rig, host)
    }

    private static func tally(_ rig: inout DispatcherRig, _ host: PeerID) throws -> [String: Int64] {
        let shadow = try rig.admin("shadow", as: host)["shadows"]?.array?.first?.object ?? JSONObject()
        return Dictionary(uniqueKeysWithValues: shadow.compactMap { name, value in value.integer.map { (name, $0) } })
            .filter { $0.value > 0 }
    }

    @Test func whatAModuleInShadowSaysIsComparedAndNotApplied() throws {
        var (rig, host) = try Self.rig()
        rig.call(ChainTests.spamTarget, body: "{\"event\":{}}", as: host)
        let call = try rig.takeOne(.call, for: 1)
        #expect(call.body == "{\"event\":{}}")
        rig.answer(call, .answer, "\"M_FORBIDDEN\"", as: 1)
        #expect(rig.take(.reply, for: host).isEmpty)
        try rig.answer(.answer, "\"NOT_SPAM\"", as: 2)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        #expect(try Self.tally(&rig, host) == ["would_decide": 1])
        let difference = try rig.admin("shadow", as: host)["differences"]?.array?.first
        #expect(difference?["request_id"] == "d1-1")
        #expect(difference?["module"] == "shadow")
        #expect(difference?["chain"] == "continue")
        #expect(difference?["shadow"] == "\"M_FORBIDDEN\"")
    }

    @Test func nobodyWaitsForAModuleInShadow() throws {
        var (rig, host) = try Self.rig()
        rig.call(ChainTests.spamTarget, as: host)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 2)
        #expect(try rig.takeOne(.reply, for: host).header.target == "a")
        try rig.answer(.continue, as: 1)
        #expect(try Self.tally(&rig, host) == ["abstained": 1])
    }

    @Test(arguments: [
        ("\"M_FORBIDDEN\"", "agreed"), (" \"M_FORBIDDEN\"", "agreed"), ("\"M_UNKNOWN\"", "differed"),
        ("\"NOT_SPAM\"", "abstained"), ("true", "agreed"), ("false", "abstained"),
    ])
    func opinionsAreComparedWithTheResult(answer: String, name: String) throws {
        var (rig, host) = try Self.rig()
        rig.call(ChainTests.spamTarget, as: host)
        try rig.answer(.answer, Payload(answer), as: 1)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 2)
        _ = rig.takeAll()
        #expect(try Self.tally(&rig, host) == [name: 1])
    }

    @Test func aModuleInShadowThatFailsOrHangsIsCounted() throws {
        var (rig, host) = try Self.rig()
        for id in 1...3 { rig.call(ChainTests.spamTarget, id: UInt64(id), as: host) }
        for call in rig.take(.call, for: 2) { rig.answer(call, .continue, as: 2) }
        #expect(rig.take(.reply, for: host).count == 3)
        let calls = rig.take(.call, for: 1)
        rig.answer(calls[0], .error, BusFault(.internal, "oh").encoded(), as: 1)
        rig.advance(milliseconds: 1100)
        #expect(rig.take(.cancel, for: 1).count == 2)
        #expect(try Self.tally(&rig, host) == ["failed": 3])
        #expect(rig.core.shadowCalls.count == 0)
        #expect(rig.core.steps.count == 0)
    }

    @Test func aModuleInShadowThatGoesOrIsDownStopsNothing() throws {
        var (rig, host) = try Self.rig()
        rig.call(ChainTests.spamTarget, as: host)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        try rig.answer(.continue, as: 2)
        rig.call(ChainTests.spamTarget, id: 8, as: host)
        try rig.answer(.continue, as: 2)
        #expect(rig.take(.reply, for: host).count == 2)
        #expect(try Self.tally(&rig, host) == ["failed": 1, "unasked": 1])
    }

    @Test func aCallThatIsGivenUpIsNotCompared() throws {
        var (rig, host) = try Self.rig()
        rig.call(ChainTests.spamTarget, as: host)
        rig.say(Header(kind: .cancel, callID: 7), as: host)
        try rig.answer(.continue, as: 1)
        #expect(try Self.tally(&rig, host) == ["uncompared": 1])
        #expect(rig.core.shadowCalls.count == 0)
    }

    @Test func newsIsToldInShadowToo() throws {
        var (rig, host) = try Self.rig("third_party_rules/on_new_event")
        rig.call("callback/third_party_rules/on_new_event", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
        try rig.answer(.continue, as: 2)
        #expect(rig.take(.reply, for: host).count == 1)
    }

    @Test func nothingIsEnteredInShadow() throws {
        var (rig, host) = try Self.rig("shop/visit")
        rig.call("callback/shop/visit", metadata: "{\"scope\":\"enter\"}", as: host)
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.take(.call, for: 2).count == 1)
    }

    @Test func aCallbackThatOnlyAModuleInShadowHasIsNobodys() throws {
        var shadow = DispatcherConfiguration.Module(id: "shadow")
        shadow.isShadow = true
        var rig = try DispatcherRig([shadow])
        rig.module("shadow", [ChainTests.spam], as: 1)
        let host = rig.host()
        rig.call(ChainTests.spamTarget, explain: true, as: host)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(try JSONValue(parsing: try #require(reply.metadata))["outcome"] == "none_registered")
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 1)
        #expect(try Self.tally(&rig, host) == ["would_decide": 1])
    }
}
