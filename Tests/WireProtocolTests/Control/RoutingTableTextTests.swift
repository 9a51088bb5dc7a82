import Testing
import WireProtocol

struct RoutingTableTextTests {
    @Test(arguments: 0...3)
    func aTableOfWrittenPartsIsTheTableAsAWhole(count: Int) throws {
        let routes = (0..<count).map { index in
            RoutingTableMessage.Route(
                claim: RouteClaim(path: "/a\"routes\":[]/\(index)", match: .subtree, methods: ["GET", "POST"]),
                module: "m-\(index)",
                isUp: index == 1
            )
        }
        let table = RoutingTableMessage(epoch: 7, modules: ["m-1"], waitingFor: ["m-0", "m-2"], routes: routes)
        let body = RoutingTableText.body(table, routeCount: count) { RoutingTableText.bytes(of: routes[$0]) }
        #expect(body == table.encoded())
        #expect(try RoutingTableMessage(decoding: body) == table)
    }
}
