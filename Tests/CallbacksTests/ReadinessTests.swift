import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct ReadinessTests {
    private static let path = "shop/may_buy"
    private static let outOfOrder: Payload = "{\"disabled\":\"the blocklist cannot be fetched\"}"

    private func ready(_ body: Payload, _ rig: inout DispatcherRig, as peer: PeerID = 1) {
        rig.say(Header(kind: .ready), body, as: peer)
    }

    private func module(_ rig: inout DispatcherRig, _ host: PeerID) throws -> JSONValue {
        try #require(try rig.admin("modules", as: host)["modules"]?.array?.first)
    }

    @Test func aModuleThatDisablesItselfIsNotAskedAndSaysWhy() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        self.ready(Self.outOfOrder, &rig)
        let module = try self.module(&rig, host)
        #expect(module["state"] == "disabled_itself")
        #expect(
            module["reasons"]
                == [["code": "disabled_itself", "item": "", "message": "the blocklist cannot be fetched"]]
        )
        #expect(rig.logged.contains("module disables itself"))
        // It cannot take itself out of a decision: who is needed and does not answer is down.
        rig.call("callback/\(Self.path)", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
    }

    @Test func itEnablesItselfAgain() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        self.ready(Self.outOfOrder, &rig)
        let epoch = rig.core.epoch
        self.ready(.empty, &rig)
        #expect(rig.core.epoch == epoch + 1)
        #expect(try self.module(&rig, host)["state"] == "ready")
        rig.call("callback/\(Self.path)", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
    }

    @Test func itMayBeginDisabled() throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        rig.register([Self.path], as: 1)
        self.ready(Self.outOfOrder, &rig)
        let host = rig.host()
        #expect(try self.module(&rig, host)["state"] == "disabled_itself")
    }

    @Test func anOperatorEnablesItAgainAndItMaySpeakAgain() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        self.ready(Self.outOfOrder, &rig)
        rig.call("admin/modules/enable", id: 5, body: "{\"module\":\"a\"}", as: host)
        _ = rig.take(.reply, for: host)
        #expect(try self.module(&rig, host)["state"] == "ready")
        self.ready(Self.outOfOrder, &rig)
        #expect(try self.module(&rig, host)["state"] == "disabled_itself")
    }

    @Test func anotherReplicaGoesOn() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        rig.module("a", [Self.path], as: 2)
        let host = rig.host()
        self.ready(Self.outOfOrder, &rig)
        let module = try self.module(&rig, host)
        #expect(module["state"] == "ready")
        #expect(module["reasons"] == [])
        #expect(module["instances"]?.array?.map { $0["state"] } == ["disabled_itself", "ready"])
        for id in 1...4 {
            rig.call("callback/\(Self.path)", id: UInt64(id), as: host)
        }
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.take(.call, for: 2).count == 4)
    }

    @Test func sayingItTwiceChangesNothing() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        self.ready(Self.outOfOrder, &rig)
        let epoch = rig.core.epoch
        self.ready(Self.outOfOrder, &rig)
        #expect(rig.core.epoch == epoch)
        #expect(rig.logged.count { $0 == "module disables itself" } == 1)
    }

    @Test func aBodyThatIsNoneIsMalformed() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        self.ready("[]", &rig)
        #expect(try self.module(&rig, host)["state"] == "ready")
        #expect(try rig.admin("status", as: host)["bus"]?["malformed"] == 1)
    }

    @Test func whoIsSilentStaysDisabledWhenItIsBack() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        self.ready(Self.outOfOrder, &rig)
        rig.advance(milliseconds: 2500)
        rig.say(Header(kind: .ping), as: 1)
        #expect(try self.module(&rig, host)["state"] == "disabled_itself")
    }
}
