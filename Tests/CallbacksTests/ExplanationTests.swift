import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct ExplanationTests {
    @Test func aDecisionIsExplainedAfterwardsByItsRequest() throws {
        var rig = try DispatcherRig("a", "b", "c")
        for (index, id) in ["a", "b", "c"].enumerated() {
            rig.module(id, [ChainTests.spam], as: PeerID(rawValue: UInt32(index + 1)))
        }
        let host = rig.host()
        rig.say(Header(kind: .drain), as: 1)
        rig.call(ChainTests.spamTarget, as: host)
        rig.advance(milliseconds: 3)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 2)
        #expect(try rig.takeOne(.reply, for: host).metadata == nil)
        rig.advance(milliseconds: 40)
        let decision = try rig.admin("explain/d1-1", as: host)
        #expect(decision["callback"]?.string == ChainTests.spam)
        #expect(decision["outcome"] == "answer")
        #expect(decision["decided_by"] == "b")
        #expect(decision["age_ms"] == 40)
        #expect(decision["duration_ms"]?.number == 3)
        #expect(decision["steps_forgotten"] == 0)
        #expect(decision["steps"]?.array?.map { $0["module"] } == ["a", "b"])
        #expect(decision["steps"]?.array?.map { $0["verdict"] } == ["none_up", "answer"])
        #expect(decision["steps"]?.array?.last?["incarnation"] == "b-2")
        #expect(decision["steps"]?.array?.last?["duration_ms"]?.number == 3)
    }

    @Test func whatWentAwayIsStillNamed() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [ChainTests.spam], as: 1)
        let host = rig.host()
        rig.call(ChainTests.spamTarget, as: host)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        _ = rig.takeAll()
        let steps = try rig.admin("explain/d1-1", as: host)["steps"]?.array
        #expect(steps?.first?["verdict"] == "lost")
        #expect(steps?.first?["incarnation"] == "a-1")
    }

    @Test func theNewestAreListed() throws {
        var rig = try DispatcherRig("a") { $0.decisionsMax = 2 }
        let host = rig.host()
        for id in 1...3 { rig.call(ChainTests.spamTarget, id: UInt64(id), as: host) }
        _ = rig.takeAll()
        let list = try rig.admin("explain", as: host)
        #expect(list["kept"] == 2)
        #expect(list["decisions"]?.array?.map { $0["request_id"] } == ["d1-3", "d1-2"])
        #expect(list["decisions"]?.array?.first?["outcome"] == "none_registered")
    }

    @Test func aCallThatWasGivenUpIsKept() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [ChainTests.spam], as: 1)
        let host = rig.host()
        rig.call(ChainTests.spamTarget, id: 5, as: host)
        rig.say(Header(kind: .cancel, callID: 5), as: host)
        #expect(try rig.admin("explain/d1-1", as: host)["outcome"] == "cancelled")
    }

    @Test(arguments: ["explain/d1-9", "explain/other-1", "explain/", "explain/d1-x"])
    func whatIsNotKeptIsSaidToBeSo(what: String) throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        rig.call("admin/\(what)", body: .empty, as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .notFound)
    }

    @Test func nothingIsKeptWhenTheOperatorSaysSo() throws {
        var rig = try DispatcherRig("a") { $0.decisionsMax = 0 }
        rig.module("a", [ChainTests.spam], as: 1)
        let host = rig.host()
        rig.call(ChainTests.spamTarget, as: host)
        try rig.answer(.continue, as: 1)
        _ = rig.takeAll()
        #expect(try rig.admin("explain", as: host)["kept"] == 0)
        rig.call("admin/explain/d1-1", body: .empty, as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().message.contains("explained_calls"))
    }

    @Test func identitiesAreKeptInABoundedRing() {
        var identities = PeerIdentities()
        let numbers = (0...PeerIdentities.countMax).map {
            identities.add(.init(version: "1", incarnation: "\($0)"))
        }
        #expect(identities[numbers[0]] == nil)
        #expect(identities[numbers[1]]?.incarnation == "1")
        #expect(identities[numbers[PeerIdentities.countMax]]?.incarnation == "\(PeerIdentities.countMax)")
        #expect(identities[0] == nil)
    }
}
