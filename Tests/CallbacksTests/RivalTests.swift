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

    /// Takes a module out, or back in, and does what peers do then.
    private func turn(_ rig: inout DispatcherRig, _ how: String, _ id: String, _ host: PeerID) throws {
        rig.call("admin/modules/\(how)", id: 98, body: Payload("{\"module\":\"\(id)\"}"), as: host)
        #expect(try rig.takeOne(.reply, for: host).status == .answer)
        self.settle(&rig, Self.singles)
    }

    @Test(arguments: Self.orders, 0..<4)
    func whoIsTakenOutLeavesToOthersWhatNotAllCanHave(order: [String], moment: Int) throws {
        var rig = try DispatcherRig("a", "b", "c")
        let host = rig.host()
        for (index, id) in order.enumerated() {
            if index == moment { try self.turn(&rig, "disable", "a", host) }
            self.join(&rig, id, Self.singles)
        }
        if moment == 3 { try self.turn(&rig, "disable", "a", host) }
        self.settle(&rig, Self.singles)
        #expect(rig.core.modules.map { $0.known != nil } == [true, true, false])
        #expect(Set(rig.core.table.chains.joined()) == [1])
        try self.turn(&rig, "enable", "a", host)
        #expect(rig.core.modules.map { $0.known != nil } == [true, false, true])
        #expect(Set(rig.core.table.chains.joined()) == [0, 2])
    }

    private func say(_ rig: inout DispatcherRig, disabledBecause reason: String?, as peer: PeerID) {
        var readiness = Readiness()
        readiness.disabledBecause = reason
        rig.say(Header(kind: .ready), readiness.body, as: peer)
    }

    @Test(arguments: [Self.singles, Self.keys])
    func whoDisablesItselfLeavesToOthersWhatNotAllCanHave(claims: [String: [CallbackClaim]]) throws {
        var rig = try DispatcherRig("a", "b", "c")
        for id in ["a", "b", "c"] { self.join(&rig, id, claims) }
        self.say(&rig, disabledBecause: "no list", as: Self.peer("a"))
        self.settle(&rig, claims)
        #expect(rig.core.modules.map { $0.known != nil } == [true, true, false])
        let path = try #require(claims["a"]?.first).path
        let callback = try #require(rig.core.configuration.catalogue.index(of: path))
        if let keys = rig.core.table.keys[callback] {
            #expect(keys["one"] == .init(fields: ["y"], modules: [1]))
        } else {
            #expect(rig.core.table.chains[callback] == [1])
        }
        // While it is away it does not take back what it could not use.
        rig.cannotSend(Header(kind: .ping), to: Self.peer("a"), .unreachable)
        #expect(rig.core.modules[1].known != nil)
        self.join(&rig, "a", claims)
        self.settle(&rig, claims)
        #expect(rig.core.modules.map { $0.known != nil } == [true, false, true])
    }

    @Test func whoDisablesItselfKeepsWhatNobodyElseWants() throws {
        var rig = try DispatcherRig("a", "b")
        let host = rig.host()
        self.join(&rig, "a", Self.singles)
        self.say(&rig, disabledBecause: "no list", as: Self.peer("a"))
        rig.call("callback/shop/single", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
    }

    @Test func whatAModuleHasAgainWhenAReplicaLeavesIsTakenFromThoseAfterIt() throws {
        let (one, two) = (Self.key("one", "x"), Self.key("two", "x"))
        for order in [["b", "twin"], ["twin", "b"]] {
            var rig = try DispatcherRig("a", "b")
            self.join(&rig, "a", ["a": [one]])
            for id in order {
                if id == "b" {
                    self.join(&rig, "b", ["b": [Self.key("one", "y")]])
                } else {
                    rig.hello("a", .module, "twin", as: 9)
                    rig.register(claims: [two], as: 9)
                }
                self.settle(&rig, ["a": [one], "b": [Self.key("one", "y")]])
            }
            // The replicas of the first have no key in common.
            _ = rig.takeAll()
            #expect(rig.core.modules[1].known != nil)
            rig.say(Header(kind: .bye), Farewell(reason: .shutdown).encoded(), as: 9)
            #expect(rig.take(.refused, for: Self.peer("b")).count == 1)
            #expect(rig.core.modules[1].known == nil)
            let callback = try #require(rig.core.configuration.catalogue.index(of: one.path))
            #expect(rig.core.table.keys[callback]?["one"] == .init(fields: ["x"], modules: [0]))
        }
    }
}
