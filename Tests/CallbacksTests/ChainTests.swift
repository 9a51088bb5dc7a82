import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct ChainTests {
    static let spam = "spam_checker/check_event_for_spam"
    static let spamTarget = "callback/spam_checker/check_event_for_spam"

    @Test func theFirstAnswerThatIsNotNeutralDecides() throws {
        var rig = try DispatcherRig("a", "b", "c")
        for (id, peer) in [("c", 3), ("a", 1), ("b", 2)] as [(String, PeerID)] {
            rig.module(id, [Self.spam], as: peer)
        }
        let host = rig.host()
        rig.call(Self.spamTarget, as: host)
        try rig.answer(.continue, as: 1)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 2)
        #expect(rig.take(.call, for: 3).isEmpty)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .answer)
        #expect(reply.body == "\"M_FORBIDDEN\"")
        #expect(reply.header.target == "b")
        #expect(reply.header.callID == 7)
    }

    @Test(arguments: [
        ("\"NOT_SPAM\"", ReplyStatus.continue, "\"NOT_SPAM\""), ("false", .continue, "\"NOT_SPAM\""),
        (" \"NOT_SPAM\" ", .continue, "\"NOT_SPAM\""), ("\"NOT\\u005fSPAM\"", .continue, "\"NOT_SPAM\""),
        ("true", .answer, "\"M_FORBIDDEN\""), ("\"M_LIMIT_EXCEEDED\"", .answer, "\"M_LIMIT_EXCEEDED\""),
        ("[\"M_FORBIDDEN\",{\"x\":1}]", .answer, "[\"M_FORBIDDEN\",{\"x\":1}]"),
        ("12", .answer, "\"This message has been rejected as probable spam\""),
        ("{", .answer, "\"This message has been rejected as probable spam\""),
        ("", .answer, "\"This message has been rejected as probable spam\""),
    ])
    func anAnswerToCheckEventForSpamMeansWhatItMeansInTheOriginal(
        answer: String,
        status: ReplyStatus,
        body: String
    ) throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.spam], as: 1)
        let host = rig.host()
        rig.call(Self.spamTarget, as: host)
        try rig.answer(.answer, Payload(answer), as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == status)
        #expect(reply.body.text == body)
    }

    @Test(arguments: [
        ("true", ReplyStatus.continue, "\"NOT_SPAM\""), ("false", .answer, "\"M_FORBIDDEN\""),
        ("\"anything\"", .answer, "\"M_FORBIDDEN\""), ("null", .answer, "\"M_FORBIDDEN\""),
    ])
    func anAnswerToUserMayInviteMeansWhatItMeansInTheOriginal(
        answer: String,
        status: ReplyStatus,
        body: String
    ) throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["spam_checker/user_may_invite"], as: 1)
        let host = rig.host()
        rig.call("callback/spam_checker/user_may_invite", as: host)
        try rig.answer(.answer, Payload(answer), as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == status)
        #expect(reply.body.text == body)
    }

    @Test func argumentsMetadataAndBudgetTravel() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.spam], as: 1)
        rig.module("b", [Self.spam], as: 2)
        let host = rig.host()
        rig.call(Self.spamTarget, budget: 1000, metadata: "{\"traceparent\":\"x\"}", body: "{\"event\":{}}", as: host)
        rig.now = rig.now.adding(milliseconds: 300)
        try rig.answer(.continue, as: 1)
        let call = try rig.takeOne(.call, for: 2)
        #expect(call.metadata == "{\"traceparent\":\"x\"}")
        #expect(call.body == "{\"event\":{}}")
        #expect(call.header.target == Self.spamTarget)
        #expect(call.header.budgetMilliseconds == 675)
        #expect(call.header.epoch > 0)
    }

    @Test func aModuleThatHangsLeavesTimeForThoseAfterIt() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.spam], as: 1)
        rig.module("b", [Self.spam], as: 2)
        let host = rig.host()
        rig.call(Self.spamTarget, budget: 1000, as: host)
        rig.advance(milliseconds: 900)
        #expect(rig.take(.cancel, for: 1).count == 1)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 2)
        #expect(try rig.takeOne(.reply, for: host).body == "\"M_FORBIDDEN\"")
    }

    @Test func tenDeadModulesThatFailOpenEndWithinTheBudget() throws {
        var rig = try DispatcherRig((0..<10).map { .init(id: "m\($0)") })
        for index in 0..<10 { rig.module("m\(index)", [Self.spam], as: PeerID(rawValue: UInt32(index + 1))) }
        let host = rig.host()
        rig.call(Self.spamTarget, budget: 500, as: host)
        rig.advance(milliseconds: 500)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .continue)
        #expect(reply.body == "\"NOT_SPAM\"")
    }

    @Test func aLateReplyIsDroppedAndCounted() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.spam], as: 1)
        let host = rig.host()
        rig.call(Self.spamTarget, budget: 100, as: host)
        let call = try rig.takeOne(.call, for: 1)
        rig.advance(milliseconds: 100)
        #expect(rig.take(.reply, for: host).count == 1)
        rig.answer(call, .answer, "\"M_FORBIDDEN\"", as: 1)
        #expect(rig.take(.reply, for: host).isEmpty)
        #expect(try rig.admin("status", as: host)["bus"]?["late_replies"] == 1)
    }

    @Test func nobodyMayReplyForAnother() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.spam], as: 1)
        rig.module("b", as: 2)
        let host = rig.host()
        rig.call(Self.spamTarget, as: host)
        let call = try rig.takeOne(.call, for: 1)
        rig.answer(call, .answer, "\"M_FORBIDDEN\"", as: 2)
        #expect(rig.take(.reply, for: host).isEmpty)
        rig.answer(call, .continue, as: 1)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
    }

    @Test func explainedDecisionsNameEveryStep() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.spam], as: 1)
        rig.module("b", [Self.spam], as: 2)
        let host = rig.host()
        rig.call(Self.spamTarget, explain: true, as: host)
        rig.advance(milliseconds: 12)
        try rig.answer(.error, BusFault(.moduleError, "oh", isRetryable: false).encoded(), as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        let explanation = try JSONValue(parsing: try #require(reply.metadata))
        #expect(reply.status == .error)
        #expect(explanation["outcome"] == "failed")
        #expect(explanation["request_id"] == "d1-1")
        #expect(explanation["steps"]?.array?.first?["module"] == "a")
        #expect(explanation["steps"]?.array?.first?["verdict"] == "module_error")
        #expect(explanation["steps"]?.array?.first?["incarnation"] == "a-1")
        #expect(explanation["steps"]?.array?.first?["duration_ms"]?.number == 12)
    }

    @Test func aModulesErrorReachesTheHostInItsOwnWords() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.spam], as: 1)
        let host = rig.host()
        rig.call(Self.spamTarget, as: host)
        try rig.answer(.error, BusFault(.internal, "database is away", isRetryable: true).encoded(), as: 1)
        let fault = try rig.takeOne(.reply, for: host).fault()
        #expect(fault == BusFault(.moduleError, "database is away", isRetryable: true))
    }

    @Test func exclusiveAsksTheFirstRegistrantOnly() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("b", ["shop/price"], as: 2)
        rig.module("a", ["shop/price"], as: 1)
        let host = rig.host()
        rig.call("callback/shop/price", as: host)
        try rig.answer(.continue, as: 1)
        #expect(rig.take(.call, for: 2).isEmpty)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .continue)
        #expect(reply.body == "null")
    }

    @Test func theCallersCancelReachesTheModule() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.spam], as: 1)
        let host = rig.host()
        rig.call(Self.spamTarget, id: 5, as: host)
        rig.call(Self.spamTarget, id: 6, as: host)
        let calls = rig.take(.call, for: 1)
        rig.say(Header(kind: .cancel, callID: 5), as: host)
        #expect(try rig.takeOne(.cancel, for: 1).header.callID == calls[0].header.callID)
        rig.answer(calls[0], .answer, "\"M_FORBIDDEN\"", as: 1)
        #expect(rig.take(.reply, for: host).isEmpty)
        rig.answer(calls[1], .answer, "\"M_FORBIDDEN\"", as: 1)
        #expect(try rig.takeOne(.reply, for: host).header.callID == 6)
    }

    @Test func cancellingWhatIsOldOrUnknownCostsOneWalkAndNoMore() throws {
        var rig = try DispatcherRig("a") { $0.inFlightMax = 8192 }
        rig.module("a", methods: ["m"], concurrency: 8192, as: 1)
        let host = rig.host()
        let found = rig.core.places.find(host)
        let place = try #require(found)
        for id in 1...100 as ClosedRange<UInt64> { rig.call("method/a/m", id: id, as: host) }
        rig.say(Header(kind: .cancel, callID: 90), as: host)
        #expect(rig.core.peers[place].cancelIndex == nil)
        rig.say(Header(kind: .cancel, callID: 12345), as: host)
        #expect(rig.core.peers[place].cancelIndex != nil)
        #expect(rig.take(.cancel, for: 1).count == 1)
        for id in [1, 50, 50, 99] as [UInt64] { rig.say(Header(kind: .cancel, callID: id), as: host) }
        #expect(rig.take(.cancel, for: 1).count == 3)
        // What is answered or new is known too.
        let calls = rig.take(.call, for: 1)
        rig.answer(calls[1], .answer, as: 1)
        rig.call("method/a/m", id: 101, as: host)
        for id in [2, 101] as [UInt64] { rig.say(Header(kind: .cancel, callID: id), as: host) }
        #expect(rig.take(.cancel, for: 1).count == 1)
        // Who does not do that again has no index to keep.
        for id in 200..<(200 + UInt64(CancelIndex.callsMax)) { rig.call("method/a/m", id: id, as: host) }
        #expect(rig.core.peers[place].cancelIndex == nil)
    }

    @Test func aCallerThatGoesCancelsItsCalls() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.spam], as: 1)
        let host = rig.host()
        rig.call(Self.spamTarget, id: 5, as: host)
        rig.say(Header(kind: .bye), Farewell(reason: .shutdown).encoded(), as: host)
        #expect(rig.take(.cancel, for: 1).count == 1)
        let other = rig.host(1001)
        #expect(try rig.admin("status", as: other)["in_flight"] == 0)
    }

    @Test func aChainKeepsTheModulesItWasAdmittedWith() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.spam], as: 1)
        let host = rig.host()
        rig.call(Self.spamTarget, as: host)
        let call = try rig.takeOne(.call, for: 1)
        rig.module("b", [Self.spam], as: 2)
        rig.answer(call, .continue, as: 1)
        #expect(rig.take(.call, for: 2).isEmpty)
        #expect(try rig.takeOne(.reply, for: host).header.epoch == call.header.epoch)
    }

    @Test(arguments: ["", "[]", "12", "{", "}", "\"x\""])
    func argumentsThatAreNoObjectAreABadRequest(body: String) throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        rig.call(Self.spamTarget, body: Payload(body), as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .badRequest)
    }

    @Test(arguments: [
        ("callback/spam_checker/nope", BusFault.Code.notFound), ("web/a/x", .notFound), ("admin/nope", .notFound),
        ("nonsense", .badRequest), ("", .badRequest),
    ])
    func aTargetThatDoesNotExistIsSaidToBeSo(target: String, code: BusFault.Code) throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        rig.call(target, as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == code)
    }

    @Test(arguments: [UInt32(0), 600_001])
    func aCallWithoutAUsableBudgetIsABadRequest(budget: UInt32) throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        rig.call(Self.spamTarget, budget: budget, as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .badRequest)
    }

    @Test func aPeerWithTooManyCallsIsOverloaded() throws {
        var rig = try DispatcherRig("a") { $0.inFlightMax = 2 }
        rig.module("a", [Self.spam], as: 1)
        let host = rig.host()
        for id in 1...3 { rig.call(Self.spamTarget, id: UInt64(id), as: host) }
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .overloaded)
        #expect(reply.header.callID == 3)
        #expect(try reply.fault().isRetryable)
    }

    @Test func aBodyOverTheLimitIsTooLarge() throws {
        var rig = try DispatcherRig("a") { $0.bodySizeMax = 10 }
        let host = rig.host()
        rig.call(Self.spamTarget, body: "{\"event\":{}}", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .tooLarge)
    }

    @Test func aReplyOverTheLimitIsTheModulesFaultAndNotTheCallers() throws {
        var rig = try DispatcherRig("a") { $0.bodySizeMax = 10 }
        rig.module("a", ["shop/price"], routes: [.init(path: "/_modules/a/x")], as: 1)
        let host = rig.host()
        for target in ["web/a/_modules/a/x", "callback/shop/price"] {
            rig.call(target, as: host)
            try rig.answer(.answer, "12345678901", as: 1)
            #expect(try rig.takeOne(.reply, for: host).fault().code == .invalidResult)
        }
    }

    @Test func modulesMayCallCallbacksButNotAdmin() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.spam], as: 1)
        rig.module("b", as: 2)
        rig.call("admin/modules", as: 2)
        #expect(try rig.takeOne(.reply, for: 2).fault().code == .forbidden)
        rig.call(Self.spamTarget, as: 2)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 1)
        #expect(try rig.takeOne(.reply, for: 2).body == "\"M_FORBIDDEN\"")
    }
}
