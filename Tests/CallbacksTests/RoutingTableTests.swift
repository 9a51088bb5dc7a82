import MessageBus
import SeededRandom
import Testing
import WireProtocol

@testable import Callbacks

struct RoutingTableTests {
    @Test func theOrderOfArrivalDecidesNothing() throws {
        let ids = (0..<6).map { "m\($0)" }
        var generator = SplitMix64(seed: 1)
        var tables: [RoutingTable] = []
        for _ in 0..<1000 {
            var rig = try DispatcherRig(ids.map { .init(id: $0) })
            for id in ids.shuffled(using: &generator) {
                let index = UInt32(id.dropFirst()) ?? 0
                let routes: [RouteClaim] = [
                    .init(path: "/shared/\(index % 3)"), .init(path: "/_modules/\(id)/x", match: .subtree),
                ]
                rig.module(
                    id,
                    ["spam_checker/user_may_invite", "shop/told"],
                    routes: routes,
                    as: PeerID(rawValue: index + 1)
                )
            }
            tables.append(rig.core.table)
        }
        #expect(tables.allSatisfy { $0 == tables[0] })
        #expect(tables[0].routes.count == 9)
    }

    @Test func theEpochRisesWithTheContentOnly() throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        let first = try rig.admin("table", as: host)["epoch"]?.integer ?? 0
        rig.hello("a", as: 1)
        #expect(rig.take(.table, for: host).isEmpty)
        rig.register(routes: [.init(path: "/x")], as: 1)
        let registered = try RoutingTableMessage(decoding: try rig.takeOne(.table, for: host).body)
        #expect(registered.epoch == UInt64(first) + 1)
        #expect(registered.routes.first?.isUp == false)
        #expect(registered.waitingFor == ["a"])
        rig.say(Header(kind: .ready), as: 1)
        let ready = try RoutingTableMessage(decoding: try rig.takeOne(.table, for: host).body)
        #expect(ready.epoch == registered.epoch + 1)
        #expect(ready.routes.first?.isUp == true)
        #expect(ready.waitingFor.isEmpty)
        rig.module("a", routes: [.init(path: "/x")], as: 2)
        #expect(rig.take(.table, for: host).isEmpty)
    }

    @Test func aHostGetsTheTableWhenItIsReady() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", routes: [.init(path: "/x")], as: 1)
        rig.hello("gateway", .host, as: 9)
        #expect(rig.take(.table, for: 9).isEmpty)
        rig.say(Header(kind: .ready), as: 9)
        #expect(try RoutingTableMessage(decoding: try rig.takeOne(.table, for: 9).body).modules == ["a"])
    }

    @Test func aTableThatDidNotLeaveIsSentAgain() throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        rig.module("a", routes: [.init(path: "/x")], as: 1)
        rig.cannotSend(Header(kind: .table), to: host, .congested)
        rig.advance(milliseconds: 1000)
        #expect(rig.take(.table, for: host).count == 1)
    }

    @Test func aRouteWhoseOwnerIsGoneFallsToTheNextAndBack() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", routes: [.init(path: "/x")], as: 1)
        rig.module("b", routes: [.init(path: "/x")], as: 2)
        let host = rig.host()
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        #expect(try rig.admin("routes", as: host)["routes"]?.array?[0]["module"] == "b")
        rig.module("a", routes: [.init(path: "/x")], as: 3)
        #expect(try rig.admin("routes", as: host)["routes"]?.array?[0]["module"] == "a")
        #expect(try rig.admin("routes", as: host)["routes"]?.array?.count == 1)
    }
}
