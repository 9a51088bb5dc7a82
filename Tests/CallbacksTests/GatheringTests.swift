import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct AmendTests {
    static let allowed = "third_party_rules/check_event_allowed"

    private func rig() throws -> (DispatcherRig, PeerID) {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.allowed], as: 1)
        rig.module("b", [Self.allowed], as: 2)
        let host = rig.host()
        return (rig, host)
    }

    @Test func eachSeesWhatTheOneBeforeItMade() throws {
        var (rig, host) = try self.rig()
        rig.call("callback/\(Self.allowed)", body: "{\"event\":{\"n\":1},\"state_events\":null}", as: host)
        try rig.answer(.answer, "[true,{\"n\":2}]", as: 1)
        let call = try rig.takeOne(.call, for: 2)
        #expect(try JSONValue(parsing: call.body) == ["event": ["n": 2], "state_events": nil])
        rig.answer(call, .answer, "[true,null]", as: 2)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .answer)
        #expect(reply.body == "[true,{\"n\":2}]")
        #expect(reply.header.target == "a")
    }

    @Test(arguments: ["false", "[false,null]", "[false,{\"n\":3}]"])
    func aLaterModuleCanVetoAReplacement(veto: String) throws {
        var (rig, host) = try self.rig()
        rig.call("callback/\(Self.allowed)", body: "{\"event\":{\"n\":1}}", as: host)
        try rig.answer(.answer, "[true,{\"n\":2}]", as: 1)
        try rig.answer(.answer, Payload(veto), as: 2)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.body == "[false,null]")
        #expect(reply.header.target == "b")
    }

    @Test func nothingAgainstItAndNothingChangedIsTheDefault() throws {
        var (rig, host) = try self.rig()
        rig.call("callback/\(Self.allowed)", body: "{\"event\":{\"n\":1}}", as: host)
        try rig.answer(.answer, "[true,null]", as: 1)
        try rig.answer(.answer, "true", as: 2)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .continue)
        #expect(reply.body == "[true,null]")
    }

    @Test(arguments: ["[true]", "12", "[1,null]", "[true,5]", "["])
    func anAnswerOfAnotherFormIsInvalid(answer: String) throws {
        var (rig, host) = try self.rig()
        rig.call("callback/\(Self.allowed)", as: host)
        try rig.answer(.answer, Payload(answer), as: 1)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .invalidResult)
    }

    @Test func argumentsThatCannotBeReplacedAreABadRequest() throws {
        var (rig, host) = try self.rig()
        rig.call("callback/\(Self.allowed)", body: "{ nonsense }", as: host)
        try rig.answer(.answer, "[true,{}]", as: 1)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .badRequest)
    }
}

struct MergeTests {
    private static let pair = ["presence_router/get_users_for_states", "presence_router/get_interested_users"]

    private func reply(_ callback: String, _ first: Payload, _ second: Payload?) throws -> Envelope {
        var rig = try DispatcherRig("a", "b")
        let items = callback.hasPrefix("presence_router") ? Self.pair : [callback]
        rig.module("a", items, as: 1)
        rig.module("b", items, as: 2)
        let host = rig.host()
        rig.call("callback/\(callback)", as: host)
        try rig.answer(.answer, first, as: 1)
        if let second {
            try rig.answer(.answer, second, as: 2)
        } else {
            #expect(rig.take(.call, for: 2).isEmpty)
        }
        return try rig.takeOne(.reply, for: host)
    }

    @Test func setsAreUnited() throws {
        let reply = try self.reply(Self.pair[1], "[\"@a\",\"@b\"]", "[\"@b\",\"@c\"]")
        #expect(reply.body == "[\"@a\",\"@b\",\"@c\"]")
        #expect(reply.status == .answer)
    }

    @Test func anAbsorbingValueEndsTheChain() throws {
        #expect(try self.reply(Self.pair[1], "\"ALL\"", nil).body == "\"ALL\"")
    }

    @Test func setsOfEachKeyAreUnited() throws {
        let reply = try self.reply(Self.pair[0], "{\"@a\":[1]}", "{\"@b\":[2],\"@a\":[1,3]}")
        #expect(try JSONValue(parsing: reply.body) == ["@a": [1, 3], "@b": [2]])
    }

    @Test func ofObjectsTheLastWins() throws {
        let callback = "add_extra_fields_to_unsigned_client_event/add_field_to_unsigned_callback"
        let reply = try self.reply(callback, "{\"x\":1,\"y\":1}", "{\"y\":2}")
        #expect(try JSONValue(parsing: reply.body) == ["x": 1, "y": 2])
    }

    @Test func whatCannotBeUnitedIsInvalidAndTheOthersCount() throws {
        #expect(try self.reply(Self.pair[1], "12", "[\"@c\"]").body == "[\"@c\"]")
    }
}
