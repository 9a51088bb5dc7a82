import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// Calls in front of a module that has as many as it takes.
struct WaitingTests {
    static let buy = "callback/shop/may_buy"

    private func fault(_ reply: Envelope?) throws -> BusFault.Code { try #require(reply).fault().code }

    @Test func aCallWaitsForRoomAndGoesInItsTurn() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        for id in 1...3 as ClosedRange<UInt64> { rig.call(Self.buy, id: id, as: host) }
        for id in 1...3 as ClosedRange<UInt64> {
            try rig.answer(.answer, "\"deny\"", as: 1)
            #expect(try rig.takeOne(.reply, for: host).header.callID == id)
        }
        let counters = try rig.admin("modules", as: host)["modules"]?.array?[0]["counters"]?["shop/may_buy"]
        #expect(counters?["waited"] == 2)
        #expect(counters?["overloaded"] == 0)
    }

    @Test func theTimeSpentWaitingIsTakenFromTheBudget() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        rig.call(Self.buy, id: 1, as: host)
        rig.call(Self.buy, id: 2, as: host)
        rig.advance(milliseconds: 400)
        try rig.answer(.answer, "\"deny\"", as: 1)
        #expect(try rig.takeOne(.call, for: 1).header.budgetMilliseconds == 575)
    }

    @Test func whoseTurnDoesNotComeInTimeIsOverloadedAndNothingWasDone() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        rig.call(Self.buy, id: 1, budget: 30_000, as: host)
        rig.call(Self.buy, id: 2, budget: 400, as: host)
        rig.advance(milliseconds: 400)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.header.callID == 2)
        #expect(reply.status == .overloaded)
        #expect(rig.take(.call, for: 1).count == 1)
        #expect(rig.take(.cancel, for: 1).isEmpty)
    }

    @Test func whoWaitsInFrontOfACircuitThatOpensIsNotSent() throws {
        var rig = try DispatcherRig("a") {
            $0.circuitFailures = 2
            $0.circuitPause = .milliseconds(100)
        }
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        for id in 1...4 as ClosedRange<UInt64> { rig.call(Self.buy, id: id, as: host) }
        try rig.answer(.error, BusFault(.moduleError, "no").encoded(), as: 1)
        rig.advance(milliseconds: 100)
        try rig.answer(.error, BusFault(.moduleError, "no").encoded(), as: 1)
        #expect(rig.take(.call, for: 1).isEmpty)
        let replies = rig.take(.reply, for: host)
        #expect(replies.map(\.header.callID) == [1, 2, 3, 4])
        #expect(try replies.map { try $0.fault().code } == Array(repeating: .moduleError, count: 4))
    }

    @Test func theTrialOfACircuitMayWaitForRoom() throws {
        var rig = try DispatcherRig("a") {
            $0.circuitFailures = 2
            $0.circuitPause = .milliseconds(100)
        }
        rig.hello("a", as: 1)
        let claim = CallbackClaim(category: "shop", name: "may_buy")
        rig.say(
            Header(kind: .register),
            Manifest(callbacks: [claim], methods: [.init(name: "m")], concurrency: 1).encoded(),
            as: 1
        )
        rig.say(Header(kind: .ready), as: 1)
        let host = rig.host()
        for id in 1...2 as ClosedRange<UInt64> {
            rig.call(Self.buy, id: id, as: host)
            rig.advance(milliseconds: 100)
            try rig.answer(.error, BusFault(.moduleError, "no").encoded(), as: 1)
        }
        rig.advance(milliseconds: 100)
        rig.call("method/a/m", id: 3, as: host)
        rig.call(Self.buy, id: 4, as: host)
        try rig.answer(.answer, "1", as: 1)
        try rig.answer(.answer, "\"deny\"", as: 1)
        #expect(rig.take(.reply, for: host).map(\.status) == [.error, .error, .answer, .answer])
    }

    @Test func noMoreWaitThanMay() throws {
        var rig = try DispatcherRig("a") { $0.queueMax = 2 }
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        for id in 1...4 as ClosedRange<UInt64> { rig.call(Self.buy, id: id, as: host) }
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.header.callID == 4)
        #expect(reply.status == .overloaded)
    }

    @Test func whoeverGivesUpLeavesTheLine() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        for id in 1...3 as ClosedRange<UInt64> { rig.call(Self.buy, id: id, as: host) }
        rig.say(Header(kind: .cancel, callID: 2), as: host)
        #expect(rig.take(.cancel, for: 1).isEmpty)
        try rig.answer(.answer, "\"deny\"", as: 1)
        try rig.answer(.answer, "\"allow\"", as: 1)
        #expect(rig.take(.reply, for: host).map(\.header.callID) == [1, 3])
    }

    @Test func aNewReplicaTakesWhatWaits() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        rig.call(Self.buy, id: 1, as: host)
        rig.call(Self.buy, id: 2, as: host)
        rig.hello("a", as: 2)
        rig.register(["shop/may_buy"], as: 2)
        rig.say(Header(kind: .ready), as: 2)
        #expect(rig.take(.call, for: 2).count == 1)
    }

    @Test func nobodyWaitsForAModuleThatIsGone() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, as: 1)
        let host = rig.host()
        rig.call(Self.buy, id: 1, as: host)
        rig.call(Self.buy, id: 2, as: host)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        let replies = rig.take(.reply, for: host)
        #expect(try Set(replies.map { try $0.fault().code }) == [.lost, .noneUp])
    }

    @Test func aFullCallbackDoesNotHoldUpAnother() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy", "shop/lax"], concurrency: 1, as: 1)
        let host = rig.host()
        rig.call(Self.buy, id: 1, as: host)
        rig.call(Self.buy, id: 2, as: host)
        _ = rig.take(.call, for: 1)
        rig.call("callback/shop/lax", id: 3, as: host)
        rig.call("callback/shop/lax", id: 4, as: host)
        let lax = try rig.takeOne(.call, for: 1)
        rig.answer(lax, .answer, "\"deny\"", as: 1)
        #expect(try rig.takeOne(.call, for: 1).header.target == "callback/shop/lax")
    }

    @Test func whoWaitsForOneReplicaDoesNotHoldUpWhoWaitsForAnother() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, filter: ["item": "apple"], as: 1)
        rig.module("a", ["shop/may_buy"], concurrency: 1, filter: ["item": "pear"], as: 2)
        let host = rig.host()
        let items = ["apple", "pear", "apple", "apple", "pear", "pear"]
        for (index, item) in items.enumerated() {
            rig.call(Self.buy, id: UInt64(index + 1), body: Payload("{\"item\":\"\(item)\"}"), as: host)
        }
        for _ in 0..<3 { try rig.answer(.answer, "\"deny\"", as: 2) }
        #expect(rig.take(.reply, for: host).map(\.header.callID) == [2, 5, 6])
        for _ in 0..<3 { try rig.answer(.answer, "\"deny\"", as: 1) }
        #expect(rig.take(.reply, for: host).map(\.header.callID) == [1, 3, 4])
    }

    @Test func whoseReplicaGoesDoesNotWaitBehindThoseWhoHaveOne() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], concurrency: 1, filter: ["item": "apple"], as: 1)
        rig.module("a", ["shop/may_buy"], concurrency: 1, filter: ["item": "pear"], as: 2)
        let host = rig.host()
        for (index, item) in ["apple", "pear", "apple", "pear"].enumerated() {
            rig.call(Self.buy, id: UInt64(index + 1), body: Payload("{\"item\":\"\(item)\"}"), as: host)
        }
        rig.say(Header(kind: .bye), Farewell(reason: .shutdown).encoded(), as: 2)
        #expect(rig.take(.reply, for: host).map(\.header.callID).sorted() == [2, 4])
        for _ in 0..<2 { try rig.answer(.answer, "\"deny\"", as: 1) }
        #expect(rig.take(.reply, for: host).map(\.header.callID) == [1, 3])
    }

    @Test func whoWaitsForAPathOfOneVersionDoesNotHoldUpWhoWaitsForAnother() throws {
        var rig = try DispatcherRig("a")
        for (peer, name) in [(1, "old"), (2, "new")] as [(UInt32, String)] {
            rig.hello("a", as: PeerID(rawValue: peer))
            let manifest = Manifest(methods: [.init(name: name)], concurrency: 1)
            rig.say(Header(kind: .register), manifest.encoded(), as: PeerID(rawValue: peer))
            rig.say(Header(kind: .ready), as: PeerID(rawValue: peer))
        }
        let host = rig.host()
        for (index, name) in ["old", "new", "old", "new"].enumerated() {
            rig.call("method/a/\(name)", id: UInt64(index + 1), as: host)
        }
        for _ in 0..<2 { try rig.answer(.answer, "1", as: 2) }
        #expect(rig.take(.reply, for: host).map(\.header.callID) == [2, 4])
    }

    @Test func aModuleCanBoundAllItsCallsTogether() throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        let manifest = Manifest(
            callbacks: [
                .init(category: "shop", name: "may_buy"), .init(category: "shop", name: "lax"),
            ],
            methods: [.init(name: "m")],
            concurrency: 2
        )
        rig.say(Header(kind: .register), manifest.encoded(), as: 1)
        rig.say(Header(kind: .ready), as: 1)
        let host = rig.host()
        rig.call(Self.buy, id: 1, as: host)
        rig.call("callback/shop/lax", id: 2, as: host)
        rig.call("method/a/m", id: 3, as: host)
        let calls = rig.take(.call, for: 1)
        #expect(calls.map(\.header.target) == [Self.buy, "callback/shop/lax"])
        rig.answer(calls[0], .continue, as: 1)
        #expect(try rig.takeOne(.call, for: 1).header.target == "method/a/m")
    }

    @Test func newsWaitsToo() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/told"], concurrency: 1, as: 1)
        rig.module("b", ["shop/told"], as: 2)
        let host = rig.host()
        rig.call("callback/shop/told", id: 1, as: host)
        rig.call("callback/shop/told", id: 2, as: host)
        for call in rig.take(.call, for: 2) { rig.answer(call, .continue, as: 2) }
        #expect(rig.take(.reply, for: host).isEmpty)
        try rig.answer(.continue, as: 1)
        try rig.answer(.continue, as: 1)
        #expect(rig.take(.reply, for: host).map(\.header.callID) == [1, 2])
    }

    @Test func aSlowReplicaGetsFewCallsOfTheDispatcher() throws {
        var rig = try DispatcherRig("a")
        for peer in 1...3 as ClosedRange<UInt32> { rig.module("a", ["shop/may_buy"], as: PeerID(rawValue: peer)) }
        let host = rig.host()
        var counts = [0, 0, 0]
        for id in 1...300 as ClosedRange<UInt64> {
            rig.call(Self.buy, id: id, as: host)
            for peer in 1...3 as ClosedRange<UInt32> {
                for call in rig.take(.call, for: PeerID(rawValue: peer)) {
                    counts[Int(peer) - 1] += 1
                    rig.advance(milliseconds: peer == 2 ? 40 : 1)
                    rig.answer(call, .continue, as: PeerID(rawValue: peer))
                }
            }
            rig.say(Header(kind: .pong), as: host)
        }
        #expect(counts[1] < 30)
        #expect(counts[0] > 60)
        #expect(counts[2] > 60)
    }
}
