import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct KeyedTests {
    private static let path = "password_auth_provider/auth_checkers"
    private static let target = "callback/\(Self.path)"

    private func claim(_ keys: KeyClaim...) -> CallbackClaim {
        CallbackClaim(category: "password_auth_provider", name: "auth_checkers", keys: keys)
    }

    /// Three modules: passwords are checked by `a` and `c`, tokens by `b` and `c`.
    private func rig() throws -> (DispatcherRig, PeerID) {
        var rig = try DispatcherRig("a", "b", "c")
        let password = KeyClaim(key: "m.login.password", fields: ["password"])
        let token = KeyClaim(key: "com.example.token", fields: ["token"])
        for (id, peer, keys) in [("c", 3, [password, token]), ("a", 1, [password]), ("b", 2, [token])] {
            rig.hello(id, as: PeerID(rawValue: UInt32(peer)))
            rig.register(
                claims: [CallbackClaim(category: "password_auth_provider", name: "auth_checkers", keys: keys)],
                as: PeerID(rawValue: UInt32(peer))
            )
            rig.say(Header(kind: .ready), as: PeerID(rawValue: UInt32(peer)))
        }
        let host = rig.host()
        return (rig, host)
    }

    private func arguments(_ type: String) -> Payload {
        JSONValue.object(["username": "alice", "login_type": .string(type), "login_dict": [:]]).encoded()
    }

    @Test func onlyThoseWhoRegisteredTheKeyAreAskedInConfiguredOrder() throws {
        var (rig, host) = try self.rig()
        rig.call(Self.target, body: self.arguments("m.login.password"), as: host)
        try rig.answer(.answer, "null", as: 1)
        #expect(rig.take(.call, for: 2).isEmpty)
        try rig.answer(.answer, #"["@alice:x",null]"#, as: 3)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .answer)
        #expect(reply.body == #"["@alice:x",null]"#)
        #expect(reply.header.target == "c")
    }

    @Test func theFirstResultThatIsNotNullDecides() throws {
        var (rig, host) = try self.rig()
        rig.call(Self.target, body: self.arguments("com.example.token"), as: host)
        try rig.answer(.answer, #"["@alice:x","t1"]"#, as: 2)
        #expect(rig.take(.call, for: 3).isEmpty)
        #expect(try rig.takeOne(.reply, for: host).header.target == "b")
    }

    @Test func aKeyThatNobodyRegisteredIsAnsweredByTheDefault() throws {
        var (rig, host) = try self.rig()
        rig.call(Self.target, explain: true, body: self.arguments("m.login.sso"), as: host)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .continue)
        #expect(reply.body == "null")
        #expect(try JSONValue(parsing: try #require(reply.metadata))["outcome"] == "none_registered")
    }

    @Test(arguments: ["{}", #"{"login_type":5}"#, #"{"login_type":"a",}"#])
    func argumentsWithoutAKeyAreABadRequest(body: String) throws {
        var (rig, host) = try self.rig()
        rig.call(Self.target, body: Payload(body), as: host)
        let fault = try rig.takeOne(.reply, for: host).fault()
        #expect(fault.code == .badRequest)
        #expect(fault.message.contains("`login_type`"))
    }

    @Test(arguments: [["a", "b"], ["b", "a"]])
    func aKeyWithOtherFieldsIsRefusedToTheOneThatStandsLater(order: [String]) throws {
        var rig = try DispatcherRig("a", "b")
        for id in order {
            let peer: PeerID = id == "a" ? 1 : 2
            rig.hello(id, as: peer)
            rig.register(claims: [self.claim(KeyClaim(key: "k", fields: id == "a" ? ["x"] : ["x", "y"]))], as: peer)
        }
        #expect(rig.take(.refused, for: 1).isEmpty)
        let reasons = try Refusal(decoding: rig.takeOne(.refused, for: 2).body).reasons
        #expect(reasons.map(\.code) == ["key_conflict"])
        #expect(reasons.map(\.item) == ["callbacks[0].keys[0]"])
        #expect(reasons.first?.message.contains("'a'") == true)
        #expect(reasons.first?.message.contains("[x, y]") == true)
    }

    @Test func onlyTheKeysOfADisabledModuleArePassedOver() throws {
        var (rig, host) = try self.rig()
        for id in ["b", "c"] {
            let body = JSONValue.object(["module": .string(id)]).encoded()
            rig.call("admin/modules/disable", body: body, as: host)
        }
        for (type, outcome) in [("com.example.token", "continue"), ("m.login.sso", "none_registered")] {
            _ = rig.takeAll()
            rig.call(Self.target, explain: true, body: self.arguments(type), as: host)
            let metadata = try #require(try rig.takeOne(.reply, for: host).metadata)
            #expect(try JSONValue(parsing: metadata)["outcome"] == .string(outcome))
        }
    }

    @Test func keysAreForKeyedCallbacksAndNeededThere() throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        rig.register(
            claims: [
                self.claim(), CallbackClaim(category: "shop", name: "price", keys: [KeyClaim(key: "k")]),
            ],
            as: 1
        )
        let reasons = try Refusal(decoding: rig.takeOne(.refused, for: 1).body).reasons
        #expect(
            reasons.map { "\($0.item) \($0.code)" } == [
                "callbacks[0].keys invalid_keys", "callbacks[1].keys invalid_keys",
            ]
        )
        rig.register(claims: [self.claim(KeyClaim(key: "k"), KeyClaim(key: "k"))], as: 1)
        #expect(try Refusal(decoding: rig.takeOne(.refused, for: 1).body).reasons.map(\.code) == ["duplicate"])
        rig.register(claims: [self.claim(KeyClaim(key: "", fields: []))], as: 1)
        #expect(try Refusal(decoding: rig.takeOne(.refused, for: 1).body).reasons.map(\.code) == ["invalid_keys"])
    }

    @Test func whileOneVersionReplacesAnotherAModuleHasTheKeysOfBoth() throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", .module, "old", as: 1)
        rig.register(claims: [self.claim(KeyClaim(key: "k"), KeyClaim(key: "gone"))], as: 1)
        rig.say(Header(kind: .ready), as: 1)
        rig.hello("a", .module, "new", as: 2)
        rig.register(claims: [self.claim(KeyClaim(key: "k"), KeyClaim(key: "added"))], as: 2)
        rig.say(Header(kind: .ready), as: 2)
        #expect(rig.core.table.keys.values.flatMap(\.keys) == ["k"])
        rig.say(Header(kind: .bye), Farewell(reason: .shutdown).encoded(), as: 1)
        #expect(rig.core.table.keys.values.flatMap(\.keys).sorted() == ["added", "k"])
    }
}
