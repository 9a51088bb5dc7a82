import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct FailurePolicyTests {
    enum Mishap: String, CaseIterable {
        case timeout, lost, overloaded, error, garbage
    }

    /// Lets something go wrong with the one call that module `a` has.
    private func suffer(_ mishap: Mishap, _ rig: inout DispatcherRig) throws {
        let call = try rig.takeOne(.call, for: 1)
        switch mishap {
        case .timeout: rig.advance(milliseconds: 950)
        case .lost: rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        case .overloaded: rig.answer(call, .overloaded, BusFault(.overloaded, "").encoded(), as: 1)
        case .error: rig.answer(call, .error, BusFault(.moduleError, "oh").encoded(), as: 1)
        case .garbage: rig.answer(call, .answer, "{{{", as: 1)
        }
    }

    @Test(arguments: [
        (Mishap.timeout, BusFault.Code.timeout), (.lost, .lost), (.overloaded, .overloaded), (.error, .moduleError),
        (.garbage, .invalidResult),
    ])
    func whatACatalogueDoesNotMentionFails(mishap: Mishap, code: BusFault.Code) throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/may_buy"], as: 1)
        rig.module("b", ["shop/may_buy"], as: 2)
        let host = rig.host()
        rig.call("callback/shop/may_buy", as: host)
        try self.suffer(mishap, &rig)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == (code == .overloaded ? .overloaded : .error))
        #expect(try reply.fault().code == code)
        #expect(reply.header.target == "a")
    }

    @Test(arguments: [Mishap.timeout, .lost, .overloaded, .error, .garbage])
    func aRuleThatContinuesAsksTheNextAndCounts(mishap: Mishap) throws {
        var rig = try DispatcherRig("a", "b")
        let path = "third_party_rules/check_can_deactivate_user"
        rig.module("a", [path], as: 1)
        rig.module("b", [path], as: 2)
        let host = rig.host()
        rig.call("callback/\(path)", as: host)
        try self.suffer(mishap, &rig)
        try rig.answer(.answer, "false", as: 2)
        #expect(try rig.takeOne(.reply, for: host).body == "false")
        let counters = try rig.admin("modules", as: host)["modules"]?.array?[0]["counters"]?[path]
        #expect(counters?["fail_opens"] == 1)
        #expect(counters?["calls"] == 1)
    }

    @Test func stopWithEndsTheChainWithTheValue() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/lax"], as: 1)
        rig.module("b", ["shop/lax"], as: 2)
        let host = rig.host()
        rig.call("callback/shop/lax", as: host)
        rig.advance(milliseconds: 1000)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .answer)
        #expect(reply.body == "\"deny\"")
        #expect(rig.take(.call, for: 2).isEmpty)
    }

    @Test func noneRegisteredAndNoneUpAreTwoThings() throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        rig.call("callback/shop/may_buy", explain: true, as: host)
        var reply = try rig.takeOne(.reply, for: host)
        #expect(try reply.fault().code == .noneRegistered)
        rig.module("a", ["shop/may_buy"], as: 1)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        rig.call("callback/shop/may_buy", explain: true, as: host)
        reply = try rig.takeOne(.reply, for: host)
        #expect(try reply.fault().code == .noneUp)
        #expect(try JSONValue(parsing: try #require(reply.metadata))["outcome"] == "none_up")
    }

    @Test func nobodyCanMeanADefaultOrAValue() throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        rig.call("callback/spam_checker/user_may_invite", explain: true, as: host)
        var reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .continue)
        #expect(reply.body == "\"NOT_SPAM\"")
        #expect(try JSONValue(parsing: try #require(reply.metadata))["outcome"] == "none_registered")
        rig.call("callback/shop/lax", as: host)
        reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .answer)
        #expect(reply.body == "\"deny\"")
    }

    @Test func aModuleThatIsRegisteredAndNotReadyIsNotUp() throws {
        var rig = try DispatcherRig("a", "b")
        rig.hello("a", as: 1)
        rig.register(["shop/may_buy"], as: 1)
        let host = rig.host()
        rig.call("callback/shop/may_buy", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
        rig.say(Header(kind: .ready), as: 1)
        rig.call("callback/shop/may_buy", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
    }

    @Test func aFullModuleThatNobodyWaitsForIsOverloaded() throws {
        var rig = try DispatcherRig("a") { $0.queueMax = 0 }
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        rig.call("callback/shop/may_buy", id: 1, as: host)
        rig.call("callback/shop/may_buy", id: 2, as: host)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .overloaded)
        #expect(reply.header.callID == 2)
        try rig.answer(.answer, "\"allow\"", as: 1)
        rig.call("callback/shop/may_buy", id: 3, as: host)
        #expect(rig.take(.call, for: 1).count == 1)
    }

    @Test func aCongestedConnectionIsOverloaded() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], as: 1)
        let host = rig.host()
        rig.call("callback/shop/may_buy", as: host)
        let call = try rig.takeOne(.call, for: 1)
        rig.cannotSend(call.header, to: 1, .congested)
        #expect(try rig.takeOne(.reply, for: host).status == .overloaded)
    }
}
