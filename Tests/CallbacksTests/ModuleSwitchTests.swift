import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct ModuleSwitchTests {
    static let path = "shop/may_buy"

    private func turn(_ rig: inout DispatcherRig, _ what: String, _ body: JSONValue, as host: PeerID) throws -> Envelope
    {
        rig.call("admin/modules/\(what)", id: 5, body: body.encoded(), as: host)
        return try rig.takeOne(.reply, for: host)
    }

    @Test func aDisabledModuleIsInNoChainAndComesBack() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.path], as: 1)
        rig.module("b", [Self.path], as: 2)
        let host = rig.host()
        let epoch = rig.core.epoch
        let who: JSONValue = ["module": "a", "by": "ada", "reason": "vetoes everything"]
        let reply = try self.turn(&rig, "disable", who, as: host)
        #expect(reply.status == .answer)
        #expect(rig.core.epoch == epoch + 1)
        #expect(rig.take(.table, for: host).count == 1)
        rig.advance(milliseconds: 250)
        rig.call("callback/\(Self.path)", explain: true, as: host)
        try rig.answer(.answer, "\"deny\"", as: 2)
        let answer = try rig.takeOne(.reply, for: host)
        let steps = try JSONValue(parsing: try #require(answer.metadata))["steps"]?.array
        #expect(steps?.compactMap { $0["verdict"]?.string } == ["disabled", "answer"])
        let disabled = try rig.admin("modules", as: host)["modules"]?.array?[0]["disabled"]
        #expect(disabled?["by"] == "ada")
        #expect(disabled?["reason"] == "vetoes everything")
        #expect(disabled?["since_ms"] == 250)
        #expect(disabled?["bypassed"] == [Self.path: 1])
        _ = try self.turn(&rig, "enable", ["module": "a"], as: host)
        rig.call("callback/\(Self.path)", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
        #expect(try rig.admin("modules", as: host)["modules"]?.array?[0]["disabled"] == .null)
        #expect(rig.logged.contains("module disabled by an operator"))
    }

    @Test func disablingTheOnlyModuleOpensWhatItHadLocked() throws {
        var rig = try DispatcherRig("a") { configuration in
            var required = PolicyOverride(CallbackPattern(Self.path))
            required.isRequired = true
            required.requiredModules = ["a"]
            configuration.catalogue = configuration.catalogue.overridden(by: [required])
        }
        rig.module("a", [Self.path], as: 1)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        let host = rig.host()
        rig.call("callback/\(Self.path)", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
        _ = try self.turn(&rig, "disable", ["module": "a"], as: host)
        rig.call("callback/\(Self.path)", as: host)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .continue)
        #expect(reply.body == "\"allow\"")
    }

    @Test func aDisabledModuleServesNothingElseEither() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", routes: [.init(path: "/x")], methods: ["m"], as: 1)
        rig.module("b", routes: [.init(path: "/x")], as: 2)
        let host = rig.host()
        _ = try self.turn(&rig, "disable", ["module": "a"], as: host)
        rig.call("method/a/m", id: 1, as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
        rig.call("web/b/x", id: 2, as: host)
        #expect(rig.take(.call, for: 2).count == 1)
        let table = try RoutingTableMessage(decoding: try rig.takeOne(.table, for: host).body)
        #expect(table.modules == ["b"])
        #expect(table.waitingFor.isEmpty)
    }

    @Test func whatIsInFlightIsFinished() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        rig.call("callback/\(Self.path)", as: host)
        _ = rig.take(.reply, for: host)
        rig.call("admin/modules/disable", id: 5, body: "{\"module\":\"a\"}", as: host)
        _ = rig.take(.reply, for: host)
        try rig.answer(.answer, "\"deny\"", as: 1)
        #expect(try rig.takeOne(.reply, for: host).body == "\"deny\"")
    }

    @Test func theConfigurationCanDisableFromTheStart() throws {
        var module = DispatcherConfiguration.Module(id: "a")
        module.isEnabled = false
        var rig = try DispatcherRig([module, .init(id: "b")])
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        rig.call("callback/\(Self.path)", as: host)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        #expect(try rig.admin("status", as: host)["disabled"] == ["a"])
        #expect(try rig.admin("status", as: host)["waiting_for"] == ["b"])
    }

    @Test func onlyHostsDisableAndOnlyModulesAreDisabled() throws {
        var rig = try DispatcherRig([.init(id: "a"), .service("worker")])
        rig.module("a", as: 1)
        let host = rig.host()
        rig.call("admin/modules/disable", body: "{\"module\":\"a\"}", as: 1)
        #expect(try rig.takeOne(.reply, for: 1).fault().code == .forbidden)
        #expect(try self.turn(&rig, "disable", ["module": "worker"], as: host).fault().code == .notFound)
        #expect(try self.turn(&rig, "disable", [:], as: host).fault().code == .badRequest)
        #expect(try self.turn(&rig, "disable", ["module": "aa"], as: host).fault().message.contains("did you mean 'a'"))
    }
}
