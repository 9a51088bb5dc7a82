import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct ReplicaTests {
    static let buy = "callback/shop/may_buy"

    @Test func theReplicaWithTheFewestCallsGetsTheNext() throws {
        var rig = try DispatcherRig("a")
        for peer in 1...3 as ClosedRange<UInt32> { rig.module("a", ["shop/may_buy"], as: PeerID(rawValue: peer)) }
        let host = rig.host()
        for id in 1...9 { rig.call(Self.buy, id: UInt64(id), as: host) }
        let held = (1...3).map { rig.take(.call, for: PeerID(rawValue: $0)) }
        #expect(held.map(\.count) == [3, 3, 3])
        for call in held[1] { rig.answer(call, .continue, as: 2) }
        for id in 10...12 { rig.call(Self.buy, id: UInt64(id), as: host) }
        #expect(rig.take(.call, for: 2).count == 3)
    }

    @Test func equalsTakeTurns() throws {
        var rig = try DispatcherRig("a")
        for peer in 1...3 as ClosedRange<UInt32> { rig.module("a", ["shop/may_buy"], as: PeerID(rawValue: peer)) }
        let host = rig.host()
        var counts = [0, 0, 0]
        for id in 1...30 {
            rig.call(Self.buy, id: UInt64(id), as: host)
            for peer in 1...3 {
                let calls = rig.take(.call, for: PeerID(rawValue: UInt32(peer)))
                counts[peer - 1] += calls.count
                for call in calls { rig.answer(call, .continue, as: PeerID(rawValue: UInt32(peer))) }
            }
        }
        #expect(counts == [10, 10, 10])
    }

    @Test func aSilentReplicaGetsNoNewCallsAndIsLostLater() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], as: 1)
        rig.module("a", ["shop/may_buy"], as: 2)
        let host = rig.host()
        rig.call(Self.buy, id: 1, budget: 60_000, as: host)
        rig.call(Self.buy, id: 2, budget: 60_000, as: host)
        for _ in 0..<3 {
            rig.advance(milliseconds: 900)
            rig.say(Header(kind: .pong), as: 2)
            rig.say(Header(kind: .pong), as: host)
        }
        #expect(!rig.take(.ping, for: 1).isEmpty)
        _ = rig.take(.call, for: 1)
        for id in 3...6 { rig.call(Self.buy, id: UInt64(id), as: host) }
        #expect(rig.take(.call, for: 1).isEmpty)
        for _ in 0..<5 {
            rig.advance(milliseconds: 900)
            rig.say(Header(kind: .pong), as: 2)
            rig.say(Header(kind: .pong), as: host)
        }
        let lost = rig.take(.reply, for: host).filter { (try? $0.fault().code) == .lost }
        #expect(lost.count == 1)
        rig.say(Header(kind: .pong), as: 1)
        #expect(rig.take(.whoAreYou, for: 1).count == 1)
    }

    @Test func aReplicaThatSpeaksAgainIsBack() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], as: 1)
        rig.advance(milliseconds: 2100)
        let host = rig.host()
        rig.call(Self.buy, as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
        rig.say(Header(kind: .pong), as: 1)
        rig.call(Self.buy, as: host)
        #expect(rig.take(.call, for: 1).count == 1)
    }

    @Test func drainingFinishesWhatIsThereAndTakesNothingNew() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], as: 1)
        rig.module("a", ["shop/may_buy"], as: 2)
        let host = rig.host()
        rig.call(Self.buy, id: 1, as: host)
        rig.call(Self.buy, id: 2, as: host)
        rig.say(Header(kind: .drain), as: 1)
        for id in 3...6 { rig.call(Self.buy, id: UInt64(id), as: host) }
        let call = try rig.takeOne(.call, for: 1)
        rig.answer(call, .answer, "\"deny\"", as: 1)
        #expect(try rig.takeOne(.reply, for: host).status == .answer)
        #expect(rig.take(.call, for: 2).count == 5)
    }

    @Test func aNewVersionGetsTheCallsThatTheOldOneCannotServe() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], routes: [.init(path: "/old")], as: 1)
        rig.module("a", ["shop/may_buy", "shop/lax"], routes: [.init(path: "/old"), .init(path: "/new")], as: 2)
        let host = rig.host()
        for id in 1...4 { rig.call("callback/shop/lax", id: UInt64(id), as: host) }
        for id in 5...8 { rig.call("web/a/new", id: UInt64(id), as: host) }
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.take(.call, for: 2).count == 8)
    }

    @Test func whatOnlyADrainingReplicaHasIsNobodysWhileAnotherStays() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy", "shop/told"], routes: [.init(path: "/old")], as: 1)
        rig.module("a", ["shop/may_buy"], as: 2)
        let host = rig.host()
        rig.say(Header(kind: .drain), as: 1)
        rig.call("callback/shop/told", as: host)
        // Nobody's: as if it had gone, it is not waited for.
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        rig.call("web/a/old", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .notFound)
        // What the last one has stays known.
        rig.say(Header(kind: .drain), as: 2)
        rig.call(Self.buy, as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
    }

    @Test func whatConcernsOnlyADrainingReplicaConcernsNobodyWhileAnotherStays() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], as: 1)
        rig.module("a", ["shop/may_buy"], filter: ["item": "apple"], as: 2)
        let host = rig.host()
        rig.say(Header(kind: .drain), as: 1)
        rig.call(Self.buy, body: "{\"item\":\"pear\"}", as: host)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
    }

    @Test func whatOnlyADrainingReplicaHadCanBeAnothersAtOnce() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/single"], as: 1)
        rig.module("a", as: 2)
        rig.hello("b", as: 3)
        rig.register(["shop/single"], as: 3)
        #expect(rig.take(.refused, for: 3).count == 1)
        rig.say(Header(kind: .drain), as: 1)
        #expect(rig.take(.whoAreYou, for: 3).count == 1)
    }

    @Test func aPingIsAnsweredAtOnce() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", as: 1)
        rig.say(Header(kind: .ping, callID: 42), as: 1)
        #expect(try rig.takeOne(.pong, for: 1).header.callID == 42)
    }

    @Test func everyConnectionIsProbedWhenOneHasGone() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", as: 1)
        let host = rig.host()
        rig.connectionsChanged()
        #expect(rig.take(.ping, for: 1).count == 1)
        #expect(rig.take(.ping, for: host).count == 1)
    }

    @Test func peersAreToldWhenTheDispatcherStops() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", as: 1)
        var actions: [RouterAction] = []
        rig.core.stop(at: rig.now, into: &actions)
        guard case .send(let envelope, 1) = try #require(actions.first) else { throw BusFault(.internal, "no send") }
        #expect(envelope.header.kind == .bye)
        #expect(try Farewell(decoding: envelope.body).reason == .shutdown)
    }
}

struct WebCallTests {
    @Test func aWebResourceGetsItsCallAsItIs() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", routes: [.init(path: "/_modules/a/users/{id}")], as: 1)
        let host = rig.host()
        rig.call("web/a/_modules/a/users/{id}", metadata: "{\"method\":\"GET\"}", body: "raw \u{1F600}", as: host)
        let call = try rig.takeOne(.call, for: 1)
        #expect(call.metadata == "{\"method\":\"GET\"}")
        #expect(call.body == "raw \u{1F600}")
        #expect(call.header.target == "web/a/_modules/a/users/{id}")
        rig.answer(call, .answer, "hello", metadata: "{\"status\":201}", as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.body == "hello")
        #expect(reply.metadata == "{\"status\":201}")
        #expect(reply.status == .answer)
    }

    @Test func failuresOfAWebResourceHaveTheirOwnCodes() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", routes: [.init(path: "/x")], as: 1)
        let host = rig.host()
        rig.call("web/a/x", budget: 100, as: host)
        rig.advance(milliseconds: 100)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .timeout)
        _ = rig.takeAll()
        rig.call("web/a/x", as: host)
        try rig.answer(.error, BusFault(.internal, "oh").encoded(), as: 1)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .moduleError)
        rig.call("web/a/x", as: host)
        try rig.answer(.continue, as: 1)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .invalidResult)
        rig.call("web/a/x", as: host)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .lost)
        rig.call("web/a/x", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
    }
}
