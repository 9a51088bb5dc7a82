import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// What operators see of callbacks.
struct CallbackAdminTests {
    @Test func oneCallbackIsShownWithItsDeclarationItsChainAndItsOutcomes() throws {
        var rig = try DispatcherRig("a", "b")
        let path = "spam_checker/user_may_create_room"
        rig.module("a", [path], as: 1)
        let host = rig.host()
        rig.call("callback/\(path)", as: host)
        try rig.answer(.answer, "false", as: 1)
        _ = try rig.takeOne(.reply, for: host)
        let shown = try rig.admin("callbacks/\(path)", as: host)
        #expect(shown["category"] == "spam_checker")
        #expect(shown["arguments"]?.array?.map { $0["name"] } == ["user_id", "room_config"])
        #expect(shown["arguments"]?.array?[1]["optional"] == true)
        #expect(shown["deprecated_result"] == "boolean")
        #expect(shown["neutral"] == ["NOT_SPAM"])
        #expect(shown["normalise"]?.array?[0] == ["from": true, "to": "NOT_SPAM"])
        #expect(shown["idempotent"] == true)
        #expect(shown["failure"]?["error"] == "fail")
        #expect(shown["chain"]?.array?.count == 1)
        #expect(shown["chain"]?.array?[0]["module"] == "a")
        #expect(shown["chain"]?.array?[0]["counters"]?["answers"] == 1)
        #expect(shown["outcomes"]?["answers"] == 1)
        #expect(shown["epoch"] != nil)
    }

    @Test func theListHasWhatTheOneHas() throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        let list = try rig.admin("callbacks", as: host)["callbacks"]?.array ?? []
        let one = try rig.admin("callbacks/ratelimit/get_ratelimit_override_for_user", as: host)
        let listed = try #require(list.first { $0["category"] == "ratelimit" })
        #expect(listed.object?.keys.sorted() == one.object?.keys.filter { $0 != "epoch" }.sorted())
    }

    @Test func theKeysOfAKeyedCallbackAreShownWithThoseWhoAnswerThem() throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        let keys = [KeyClaim(key: "k", fields: ["x"])]
        rig.register(
            claims: [CallbackClaim(category: "password_auth_provider", name: "auth_checkers", keys: keys)],
            as: 1
        )
        let shown = try rig.admin("callbacks/password_auth_provider/auth_checkers", as: rig.host())
        #expect(shown["keys"] == [["key": "k", "fields": ["x"], "modules": ["a"]]])
        #expect(shown["keyed"] == ["argument": "login_type"])
    }

    @Test(arguments: ["callbacks/spam_checker/nope", "callbacks/spam_checker", "callbacks/"])
    func aCallbackThatDoesNotExistPointsAtTheListOfThem(target: String) throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        rig.call("admin/\(target)", body: .empty, as: host)
        let fault = try rig.takeOne(.reply, for: host).fault()
        #expect(fault.code == .notFound)
        #expect(fault.message.contains("`ganglion callbacks`"))
    }

    @Test(arguments: [
        ("spam_checker/user_may_invit", "spam_checker/user_may_invite"), ("spam_cheker/*", "spam_checker/*"),
        ("spam_checker/*", nil), ("*", nil), ("spam_checker/user_may_invite", nil),
    ])
    func aPatternThatMatchesNothingHasSuggestions(pattern: String, suggestion: String?) throws {
        let flaw = try Catalogue.synapse().flaw(ofPattern: pattern)
        #expect((flaw == nil) == (suggestion == nil))
        if let suggestion { #expect(flaw?.contains("did you mean `\(suggestion)`") == true, "\(flaw ?? "")") }
    }
}
