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

    /// What is changed where only some come up or go down is what the whole would be, and is written like it.
    @Test(arguments: 0..<16)
    func theTableThatIsChangedIsTheTableThatIsMade(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        var rig = try DispatcherRig("a", "b", "c", "d")
        let host = rig.host()
        for _ in 0..<200 {
            let module = Int.random(in: 0..<4, using: &random)
            let peer = PeerID(rawValue: UInt32(module * 2 + Int.random(in: 1...2, using: &random)))
            let id = ["a", "b", "c", "d"][module]
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let shared = (0..<3).filter { _ in Bool.random(using: &random) }.map {
                    RouteClaim(path: "/shared/\($0)")
                }
                let own = RouteClaim(path: "/_modules/\(id)/{x}", match: .subtree, methods: ["GET", "PUT"])
                rig.hello(id, as: peer)
                rig.register(["shop/may_buy"], routes: shared + [own], methods: ["m"], as: peer)
                if Bool.random(using: &random) { rig.say(Header(kind: .ready), as: peer) }
            case 2: rig.say(Header(kind: .ready), as: peer)
            case 3: rig.say(Header(kind: .drain), as: peer)
            case 4: rig.say(Header(kind: .bye), "{}", as: peer)
            default:
                let what = Bool.random(using: &random) ? "disable" : "enable"
                rig.call("admin/modules/\(what)", body: JSONValue.object(["module": .string(id)]).encoded(), as: host)
            }
            #expect(rig.core.table == rig.core.currentTable)
            rig.advance(milliseconds: 120)
            rig.say(Header(kind: .ping), as: host)
        }
        let written = try RoutingTableMessage(decoding: rig.core.tableBody)
        #expect(written.epoch == rig.core.epoch)
        #expect(written.routes.map(\.claim) == rig.core.table.routes.map(\.claim))
        #expect(written.routes.map(\.isUp) == rig.core.table.routes.map(\.isUp))
        #expect(written.routes.map(\.module) == rig.core.table.routes.map { ["a", "b", "c", "d"][$0.module] })
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
        rig.advance(milliseconds: 10)
        let ready = try RoutingTableMessage(decoding: try rig.takeOne(.table, for: host).body)
        #expect(ready.epoch == registered.epoch + 1)
        #expect(ready.routes.first?.isUp == true)
        #expect(ready.waitingFor.isEmpty)
        rig.module("a", routes: [.init(path: "/x")], as: 2)
        rig.advance(milliseconds: 10)
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
