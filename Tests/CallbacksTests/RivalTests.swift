import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// Who has what not all can have depends on the configuration and on who is there, never on who came first.
struct RivalTests {
    private static let orders: [[String]] = [
        ["a", "b", "c"], ["a", "c", "b"], ["b", "a", "c"], ["b", "c", "a"], ["c", "a", "b"], ["c", "b", "a"],
    ]

    private static func key(_ name: String, _ fields: String...) -> CallbackClaim {
        CallbackClaim(
            category: "password_auth_provider",
            name: "auth_checkers",
            keys: [KeyClaim(key: name, fields: fields)]
        )
    }

    /// `b` contests both others, and `a` and `c` contest nothing of each other.
    private static let singles: [String: [CallbackClaim]] = [
        "a": [CallbackClaim(category: "shop", name: "single")],
        "b": [CallbackClaim(category: "shop", name: "single"), CallbackClaim(category: "shop", name: "pair")],
        "c": [CallbackClaim(category: "shop", name: "pair")],
    ]
    private static let keys: [String: [CallbackClaim]] = [
        "a": [Self.key("one", "x")],
        "b": [
            CallbackClaim(
                category: "password_auth_provider",
                name: "auth_checkers",
                keys: [KeyClaim(key: "one", fields: ["y"]), KeyClaim(key: "two", fields: ["y"])]
            )
        ],
        "c": [Self.key("two", "x")],
    ]

    /// Does what a peer does that is asked who it is, until nobody is asked.
    private func settle(_ rig: inout DispatcherRig, _ claims: [String: [CallbackClaim]]) {
        for _ in 0..<10 {
            let asked = ["a", "b", "c"].filter { !rig.take(.whoAreYou, for: Self.peer($0)).isEmpty }
            if asked.isEmpty { return }
            for id in asked { self.join(&rig, id, claims) }
        }
        Issue.record("they are asked again and again")
    }

    private func join(_ rig: inout DispatcherRig, _ id: String, _ claims: [String: [CallbackClaim]]) {
        rig.hello(id, as: Self.peer(id))
        rig.register(claims: claims[id] ?? [], as: Self.peer(id))
        rig.say(Header(kind: .ready), as: Self.peer(id))
    }

    private static func peer(_ id: String) -> PeerID {
        PeerID(rawValue: UInt32(id.utf8.first ?? 0))
    }

    @Test(arguments: Self.orders, [Self.singles, Self.keys])
    func theTableIsTheSameWhoeverCameFirst(order: [String], claims: [String: [CallbackClaim]]) throws {
        var rig = try DispatcherRig("a", "b", "c")
        for id in order { self.join(&rig, id, claims) }
        self.settle(&rig, claims)
        #expect(rig.core.modules.map { $0.known != nil } == [true, false, true])
        #expect(rig.core.table.chains.joined().sorted() == [0, 2])
        let states = try rig.admin("modules", as: rig.host())["modules"]?.array?.map { $0["state"] }
        #expect(states == ["ready", "refused", "ready"])
    }

    @Test(arguments: [["a", "b"], ["b", "a"]], [Self.singles, Self.keys])
    func whoIsAskedInShadowTakesNothingFromOthers(order: [String], claims: [String: [CallbackClaim]]) throws {
        for shadow in ["a", "b"] {
            var modules = ["a", "b", "c"].map { DispatcherConfiguration.Module(id: $0) }
            for index in modules.indices { modules[index].isShadow = modules[index].id == shadow }
            var rig = try DispatcherRig(modules)
            for id in order { self.join(&rig, id, claims) }
            #expect(rig.take(.refused, for: Self.peer("a")).isEmpty)
            #expect(rig.take(.refused, for: Self.peer("b")).isEmpty)
            #expect(Set(rig.core.table.chains.joined()) == [shadow == "a" ? 1 : 0])
        }
    }

    @Test func whoHasNotRegisteredYetIsNotRefusedForWhatItsTwinHad() throws {
        var rig = try DispatcherRig("a", "b")
        self.join(&rig, "b", Self.singles)
        rig.hello("b", .module, "twin", as: 9)
        self.join(&rig, "a", Self.singles)
        #expect(rig.take(.refused, for: Self.peer("b")).count == 1)
        #expect(rig.take(.refused, for: 9).isEmpty)
        #expect(rig.take(.whoAreYou, for: 9).isEmpty)
        rig.register(claims: Self.singles["b"] ?? [], as: 9)
        #expect(rig.take(.refused, for: 9).count == 1)
    }

    @Test func whoIsRefusedComesBackWhenTheOtherDoesNotWantItAnyMore() throws {
        var rig = try DispatcherRig("a", "b", "c")
        for id in ["a", "b"] { self.join(&rig, id, Self.singles) }
        #expect(rig.core.modules[1].known == nil)
        self.join(&rig, "a", [:])
        #expect(rig.take(.whoAreYou, for: Self.peer("b")).count == 1)
        self.join(&rig, "b", Self.singles)
        #expect(rig.core.modules[1].known != nil)
    }
}
