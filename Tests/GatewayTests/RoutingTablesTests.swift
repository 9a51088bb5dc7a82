import Testing
import WireProtocol

@testable import Gateway

struct RoutingTablesTests {
    private static func message(
        waitingFor: [String] = [],
        _ routes: [(path: String, module: String)]
    ) -> RoutingTableMessage {
        RoutingTableMessage(
            epoch: 1,
            modules: [],
            waitingFor: waitingFor,
            routes: routes.map { .init(claim: RouteClaim(path: $0.path), module: $0.module, isUp: true) }
        )
    }

    private static let earlier = Self.message([("/a", "first"), ("/b", "second")])

    @Test func aRestartedDispatcherDoesNotMakePathsUnknown() {
        let table = Self.message(waitingFor: ["first", "second"], []).keepingRoutes(of: Self.earlier)
        #expect(table.routes.map(\.claim.path) == ["/a", "/b"])
        #expect(table.routes.allSatisfy { !$0.isUp })
    }

    @Test func aModuleThatHasRegisteredAgainHasWhatItRegistered() {
        let table = Self.message(waitingFor: ["second"], [("/c", "first")]).keepingRoutes(of: Self.earlier)
        #expect(table.routes.map(\.claim.path) == ["/c", "/b"])
        #expect(table.routes.map(\.isUp) == [true, false])
    }

    @Test func aModuleThatIsNotConfiguredAnyMoreIsForgotten() {
        #expect(Self.message([]).keepingRoutes(of: Self.earlier).routes.isEmpty)
        #expect(Self.message(waitingFor: ["third"], []).keepingRoutes(of: Self.earlier).routes.isEmpty)
    }

    @Test func aPathThatAnotherServesNowIsItsOwn() {
        let table = Self.message(waitingFor: ["first"], [("/a", "second")]).keepingRoutes(of: Self.earlier)
        #expect(table.routes.map(\.module) == ["second"])
    }

    @Test func whatWasKeptOnceIsKeptUntilTheModuleIsBack() {
        let tables = RoutingTables(reservedPaths: [])
        tables.update(Self.earlier)
        tables.update(Self.message(waitingFor: ["first", "second"], []))
        tables.update(Self.message(waitingFor: ["second"], [("/a", "first")]))
        #expect(tables.current?.routeCount == 2)
    }
}
