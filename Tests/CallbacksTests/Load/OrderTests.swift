import MessageBus
import SeededRandom
import Testing
import WireProtocol

@testable import Callbacks

/// News that is told in order to each module: one at a time of one key, and keys side by side.
struct OrderTests {
    static let path = "third_party_rules/on_new_event"
    static let target = "callback/third_party_rules/on_new_event"

    private func event(_ room: String, _ number: Int) -> Payload {
        JSONValue.object(["event": ["room_id": .string(room), "n": .integer(Int64(number))]]).encoded()
    }

    private func tell(_ rig: inout DispatcherRig, _ id: Int, _ room: String, budget: UInt32 = 5000, as host: PeerID) {
        rig.call(Self.target, id: UInt64(id), budget: budget, body: self.event(room, id), as: host)
    }

    private func number(_ call: Envelope) throws -> Int64? {
        try JSONValue(parsing: call.body)["event"]?["n"]?.integer
    }

    @Test func ofOneKeyOneIsToldAtATime() throws {
        var rig = try DispatcherRig("a")
        for peer in [1, 2] as [PeerID] { rig.module("a", [Self.path], as: peer) }
        let host = rig.host()
        for id in 1...3 { self.tell(&rig, id, "!x", as: host) }
        self.tell(&rig, 4, "!y", as: host)
        var told: [Int64] = []
        for _ in 0..<4 {
            for peer in [1, 2] as [PeerID] {
                for call in rig.take(.call, for: peer) {
                    told.append(try #require(try self.number(call)))
                    rig.answer(call, .continue, as: peer)
                }
            }
        }
        #expect(told.filter { $0 != 4 } == [1, 2, 3])
        #expect(told.firstIndex(of: 4) ?? 9 < 2)
        #expect(rig.take(.reply, for: host).count == 4)
        #expect(rig.core.lanes.count == 0)
    }

    @Test func oneModulesLaneDoesNotHoldUpAnothers() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.path], as: 1)
        rig.module("b", [Self.path], as: 2)
        let host = rig.host()
        self.tell(&rig, 1, "!x", as: host)
        self.tell(&rig, 2, "!x", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
        try rig.answer(.continue, as: 2)
        #expect(try self.number(rig.takeOne(.call, for: 2)) == 2)
    }

    @Test func whatWaitsInALaneIsNotToldToAModuleWhoseCircuitHasOpened() throws {
        var rig = try DispatcherRig("a") {
            $0.circuitFailures = 2
            $0.circuitPause = .milliseconds(100)
        }
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        for id in 1...4 { self.tell(&rig, id, "!x", as: host) }
        try rig.answer(.error, BusFault(.moduleError, "no").encoded(), as: 1)
        rig.advance(milliseconds: 100)
        try rig.answer(.error, BusFault(.moduleError, "no").encoded(), as: 1)
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.take(.reply, for: host).count == 4)
        #expect(rig.core.lanes.count == 0)
    }

    @Test func whoseTurnHasComeDoesNotOvertakeWhoWaitsForRoom() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], concurrency: 1, as: 1)
        let host = rig.host()
        for (id, room) in [(1, "!x"), (2, "!x"), (3, "!y")] { self.tell(&rig, id, room, as: host) }
        var told: [Int64?] = []
        for _ in 0..<3 {
            let call = try rig.takeOne(.call, for: 1)
            told.append(try self.number(call))
            rig.answer(call, .continue, as: 1)
        }
        #expect(told == [1, 3, 2])
    }

    @Test func whoIsNotToldInTimeMakesWayForTheNext() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        self.tell(&rig, 1, "!x", budget: 400, as: host)
        self.tell(&rig, 2, "!x", budget: 4000, as: host)
        rig.advance(milliseconds: 400)
        #expect(rig.take(.cancel, for: 1).count == 1)
        let calls = rig.take(.call, for: 1)
        #expect(try calls.map(self.number) == [1, 2])
        #expect(rig.take(.reply, for: host).map(\.header.callID) == [1])
    }

    @Test func aCallerThatGivesUpLeavesTheLane() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        for id in 1...3 { self.tell(&rig, id, "!x", as: host) }
        rig.say(Header(kind: .cancel, callID: 2), as: host)
        rig.say(Header(kind: .cancel, callID: 1), as: host)
        #expect(try rig.take(.call, for: 1).map(self.number) == [1, 3])
    }

    @Test func aLaneIsAsLongAsTheOperatorSays() throws {
        var rig = try DispatcherRig("a") { $0.queueMax = 2 }
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        for id in 1...4 { self.tell(&rig, id, "!x", as: host) }
        #expect(rig.take(.reply, for: host).map(\.header.callID) == [4])
        let counters = try rig.admin("modules", as: host)["modules"]?.array?[0]["counters"]?[Self.path]
        #expect(counters?["overloaded"] == 1)
        #expect(counters?["waited"] == 2)
    }

    @Test func newsWithoutAKeyIsNotHeldUp() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        for id in 1...2 { rig.call(Self.target, id: UInt64(id), body: "{\"event\":{}}", as: host) }
        #expect(rig.take(.call, for: 1).count == 2)
    }

    @Test func aModuleThatIsGoneEndsItsLanes() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        for id in 1...3 { self.tell(&rig, id, "!x", as: host) }
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        #expect(rig.take(.reply, for: host).count == 3)
        #expect(rig.core.lanes.count == 0)
        #expect(rig.core.steps.count == 0)
    }

    @Test(arguments: 0..<8)
    func whateverIsSlowEachKeyIsToldInOrder(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        var rig = try DispatcherRig("a")
        for peer in [1, 2, 3] as [PeerID] { rig.module("a", [Self.path], concurrency: 2, as: peer) }
        let host = rig.host()
        var held: [(peer: PeerID, call: Envelope)] = []
        var told: [String: [Int64]] = [:]
        for id in 1...120 {
            self.tell(&rig, id, "!\(Int.random(in: 0..<4, using: &random))", budget: 60_000, as: host)
            for peer in [1, 2, 3] as [PeerID] { held += rig.take(.call, for: peer).map { (peer, $0) } }
            while held.count > 4 || (id == 120 && !held.isEmpty) {
                let (peer, call) = held.remove(at: Int.random(in: 0..<held.count, using: &random))
                let event = try JSONValue(parsing: call.body)["event"]
                told[event?["room_id"]?.string ?? "", default: []].append(event?["n"]?.integer ?? 0)
                rig.answer(call, .continue, as: peer)
                for peer in [1, 2, 3] as [PeerID] { held += rig.take(.call, for: peer).map { (peer, $0) } }
            }
        }
        #expect(told.values.allSatisfy { $0 == $0.sorted() })
        #expect(told.values.map(\.count).reduce(0, +) == 120)
        #expect(rig.core.lanes.count == 0)
    }
}
