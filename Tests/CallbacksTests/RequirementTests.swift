import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct RequirementTests {
    private static let path = "shop/may_buy"
    private static let orders: [[String]] = [
        ["a", "b", "c"], ["a", "c", "b"], ["b", "a", "c"], ["b", "c", "a"], ["c", "a", "b"], ["c", "b", "a"],
    ]

    private func join(
        _ id: String,
        requiring requires: RequirementClaim...,
        methods: [String] = [],
        to rig: inout DispatcherRig,
        as peer: PeerID
    ) {
        rig.hello(id, as: peer)
        let manifest = Manifest(
            callbacks: [CallbackClaim(category: "shop", name: "may_buy")],
            methods: methods.map(MethodClaim.init(name:)),
            requires: requires
        )
        rig.say(Header(kind: .register), manifest.encoded(), as: peer)
        rig.say(Header(kind: .ready), as: peer)
    }

    private func module(_ index: Int, _ rig: inout DispatcherRig, _ host: PeerID) throws -> JSONValue {
        try #require(try rig.admin("modules", as: host)["modules"]?.array?[index])
    }

    private func verdicts(_ rig: inout DispatcherRig, _ host: PeerID) throws -> [String] {
        let metadata = try #require(try rig.takeOne(.reply, for: host).metadata)
        return try JSONValue(parsing: metadata)["steps"]?.array?.compactMap { $0["verdict"]?.string } ?? []
    }

    @Test func aModuleIsNotAskedUntilWhatItRequiresIsReady() throws {
        var rig = try DispatcherRig("a", "b")
        self.join("a", requiring: .init(module: "b"), to: &rig, as: 1)
        let host = rig.host()
        #expect(try self.module(0, &rig, host)["state"] == "waiting")
        #expect(
            try self.module(0, &rig, host)["reasons"]?.array?.first?["message"]
                == "requires 'b', which is configured"
        )
        rig.call("callback/\(Self.path)", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
        let epoch = rig.core.epoch
        rig.module("b", as: 2)
        #expect(rig.core.epoch > epoch)
        #expect(try self.module(0, &rig, host)["state"] == "ready")
        #expect(try self.module(0, &rig, host)["reasons"] == [])
        rig.call("callback/\(Self.path)", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
        #expect(rig.logged.contains("module waits for what it requires"))
        #expect(rig.logged.contains("module has what it requires"))
    }

    @Test func aModuleWaitsAgainWhenWhatItRequiresGoes() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("b", as: 2)
        self.join("a", requiring: .init(module: "b"), to: &rig, as: 1)
        let host = rig.host()
        rig.call("callback/\(Self.path)", as: host)
        let call = try rig.takeOne(.call, for: 1)
        rig.say(Header(kind: .drain), as: 2)
        #expect(try self.module(0, &rig, host)["state"] == "waiting")
        // What it has been asked is answered.
        rig.answer(call, .answer, "\"deny\"", as: 1)
        #expect(try rig.takeOne(.reply, for: host).body == "\"deny\"")
        rig.call("callback/\(Self.path)", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
        // A new version beside the old one keeps it from waiting.
        rig.module("b", incarnation: "new", as: 3)
        #expect(try self.module(0, &rig, host)["state"] == "ready")
    }

    @Test func aRequiredMethodHasToBeRegistered() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("b", methods: ["look_up"], as: 2)
        self.join("a", requiring: .init(module: "b", method: "lookup"), to: &rig, as: 1)
        let registered = try Registered(decoding: try rig.takeOne(.registered, for: 1).body)
        #expect(registered.warnings.map(\.code) == ["unknown_requirement"])
        #expect(registered.warnings[0].message.contains("did you mean `look_up`?"))
        let host = rig.host()
        #expect(try self.module(0, &rig, host)["state"] == "waiting")
        rig.module("b", methods: ["lookup"], incarnation: "new", as: 3)
        #expect(try self.module(0, &rig, host)["state"] == "ready")
    }

    @Test func aNameThatNobodyHasIsAWarning() throws {
        var rig = try DispatcherRig("a", "directory")
        self.join("a", requiring: .init(module: "directry"), to: &rig, as: 1)
        let registered = try Registered(decoding: try rig.takeOne(.registered, for: 1).body)
        #expect(registered.warnings.map(\.code) == ["unknown_requirement"])
        #expect(registered.warnings[0].item == "requires[0]")
        let host = rig.host()
        let warning = try self.module(0, &rig, host)["warnings"]?.array?.first?["message"]?.string
        #expect(warning?.contains("did you mean 'directory'?") == true)
        #expect(try self.module(0, &rig, host)["state"] == "waiting")
    }

    @Test func aNameThatNothingCanHaveRefusesTheManifest() throws {
        var rig = try DispatcherRig("a")
        self.join("a", requiring: .init(module: "B!"), .init(module: "b", method: "No"), to: &rig, as: 1)
        let refusal = try Refusal(decoding: try rig.takeOne(.refused, for: 1).body)
        #expect(refusal.reasons.map(\.item) == ["requires[0].module", "requires[1].method"])
    }

    @Test(arguments: Self.orders) func aChainOfRequirementsIsReadyFromItsEnd(order: [String]) throws {
        var rig = try DispatcherRig("a", "b", "c")
        let host = rig.host()
        let next = ["a": "b", "b": "c"]
        for (index, id) in order.enumerated() {
            let peer = PeerID(rawValue: UInt32(index + 1))
            if let required = next[id] {
                self.join(id, requiring: .init(module: required), to: &rig, as: peer)
            } else {
                self.join(id, to: &rig, as: peer)
            }
            let there = order.prefix(index + 1)
            for (place, name) in ["a", "b", "c"].enumerated() where there.contains(name) {
                let needed = ["a", "b", "c"].dropFirst(place)
                let isReady = needed.allSatisfy(there.contains)
                #expect(try self.module(place, &rig, host)["state"] == (isReady ? "ready" : "waiting"))
            }
        }
    }

    @Test func modulesThatRequireOneAnotherAreAskedWhenAllAreThere() throws {
        var rig = try DispatcherRig("a", "b", "c")
        let host = rig.host()
        self.join("a", requiring: .init(module: "b"), to: &rig, as: 1)
        self.join("b", requiring: .init(module: "c"), to: &rig, as: 2)
        #expect(try self.module(0, &rig, host)["state"] == "waiting")
        self.join("c", requiring: .init(module: "a"), to: &rig, as: 3)
        for place in 0...2 {
            #expect(try self.module(place, &rig, host)["state"] == "ready")
            let warning = try self.module(place, &rig, host)["warnings"]?.array?.first
            #expect(warning?["code"] == "requirement_cycle")
        }
        let warning = try self.module(0, &rig, host)["warnings"]?.array?.first?["message"]?.string
        #expect(warning?.hasPrefix("a → b → c → a require one another") == true)
        rig.say(Header(kind: .bye), "{}", as: 2)
        #expect(try self.module(0, &rig, host)["state"] == "waiting")
        #expect(try self.module(2, &rig, host)["state"] == "waiting")
    }

    @Test func whatAnOperatorDisablesIsNotThereForThoseWhoRequireIt() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("b", as: 2)
        self.join("a", requiring: .init(module: "b"), to: &rig, as: 1)
        let host = rig.host()
        rig.call("admin/modules/disable", id: 5, body: "{\"module\":\"b\"}", as: host)
        _ = rig.take(.reply, for: host)
        let reason = try self.module(0, &rig, host)["reasons"]?.array?.first?["message"]
        #expect(reason == "requires 'b', which an operator has disabled")
    }

    @Test func aServiceCanBeRequired() throws {
        var rig = try DispatcherRig([.init(id: "a"), .service("worker")])
        self.join("a", requiring: .init(module: "worker", method: "status"), to: &rig, as: 1)
        let host = rig.host()
        #expect(try self.module(0, &rig, host)["state"] == "waiting")
        rig.module("worker", methods: ["status"], as: 2)
        #expect(try self.module(0, &rig, host)["state"] == "ready")
    }

    @Test func aWaitingModuleThatFallsSilentWaitsWhenItIsBack() throws {
        var rig = try DispatcherRig("a", "b")
        self.join("a", requiring: .init(module: "b"), to: &rig, as: 1)
        rig.advance(milliseconds: 2500)
        let host = rig.host()
        #expect(try self.module(0, &rig, host)["state"] == "unresponsive")
        rig.say(Header(kind: .ping), as: 1)
        #expect(try self.module(0, &rig, host)["state"] == "waiting")
    }
}
