import SeededRandom
import Testing
import WireProtocol

@testable import Gateway

struct RouteTableTests {
    private static func table(_ routes: [RoutingTableMessage.Route], reserved: [String] = []) -> RouteTable {
        let message = RoutingTableMessage(epoch: 1, modules: [], waitingFor: [], routes: routes)
        return RouteTable(message, reserved: ReservedPaths(reserved))
    }

    private static func winner(_ routes: [(String, RouteClaim.Match)], _ path: String) throws -> String? {
        let table = self.table(routes.map { RoutingTableMessage.Route.route($0.0, $0.1) })
        return table.route(for: try RequestPath(path))?.path
    }

    private static let precedence: [(String, RouteClaim.Match)] = [
        ("/", .subtree), ("/a", .subtree), ("/a/b", .subtree), ("/a/{x}", .exact), ("/a/b/", .exact),
        ("/{x}/c", .exact), ("/a/{x}/d", .exact), ("/{x}/b/d", .exact), ("/e/", .subtree), ("/a/c", .exact),
    ]

    @Test(arguments: [
        ("/", "/"),
        ("/z/z/z", "/"),
        ("/a", "/a"),
        ("/a/", "/a"),
        ("/a/c", "/a/c"),
        ("/a/z", "/a/{x}"),
        ("/a/b", "/a/{x}"),
        ("/a/b/", "/a/b/"),
        ("/a/b/c", "/a/b"),
        ("/z/c", "/{x}/c"),
        ("/a/b/d", "/a/{x}/d"),
        ("/z/b/d", "/{x}/b/d"),
        ("/e", "/"),
        ("/e/", "/e/"),
        ("/e/f", "/e/"),
        ("/%61/%63", "/a/c"),
        ("/a%2Fc", "/"),
    ])
    func exactGoesBeforeParameterBeforeSubtree(path: String, route: String) throws {
        #expect(try Self.winner(Self.precedence, path) == route)
    }

    @Test func aTrailingSlashIsAnotherPath() throws {
        #expect(try Self.winner([("/a", .exact)], "/a/") == nil)
        #expect(try Self.winner([("/a/", .exact)], "/a") == nil)
        #expect(try Self.winner([("/users/{id}", .exact)], "/users/") == nil)
    }

    @Test func aRouteMayBeWrittenPercentEncoded() throws {
        #expect(try Self.winner([("/caf%C3%A9", .exact)], "/café") == "/caf%C3%A9")
        #expect(try Self.winner([("/bad%zz", .exact)], "/bad%25zz") == "/bad%zz")
    }

    @Test func aReservedPathIsServedByNobodyWhateverTheTableSays() throws {
        let table = Self.table(
            [.route("/", .subtree), .route("/_matrix/client/x"), .route("/{a}/{b}/{c}")],
            reserved: ["/_matrix/client"]
        )
        for path in ["/_matrix/client/x", "/_matrix/client", "/%5fmatrix/client/x", "/_ganglion/health"] {
            #expect(table.route(for: try RequestPath(path)) == nil)
        }
        #expect(table.route(for: try RequestPath("/_matrix/other/x"))?.path == "/{a}/{b}/{c}")
    }

    @Test func theTargetNamesModuleAndRoute() throws {
        let table = RouteTable(.example, reserved: ReservedPaths([]))
        let route = table.route(for: try RequestPath("/_modules/directory/users/42"))
        #expect(route?.target == "web/directory/_modules/directory/users/{id}")
    }

    @Test func methodsDecideWithinAPath() throws {
        let table = RouteTable(.example, reserved: ReservedPaths([]))
        let users = try RequestPath("/_modules/directory/users/42")
        let allow = "GET, HEAD, POST, OPTIONS"
        #expect(table.resolve(method: "GET", path: users).text == "serve GET")
        #expect(table.resolve(method: "HEAD", path: users).text == "serve GET")
        #expect(table.resolve(method: "POST", path: users).text == "serve POST")
        #expect(table.resolve(method: "DELETE", path: users).text == "not allowed: \(allow)")
        #expect(table.resolve(method: "OPTIONS", path: users).text == "options: \(allow)")
        #expect(table.resolve(method: "GET", path: try RequestPath("/x")).text == "not found")
        #expect(table.resolve(method: "OPTIONS", path: try RequestPath("/x")).text == "not found")
        let head = try RequestPath("/_modules/shop/head")
        #expect(table.resolve(method: "HEAD", path: head).text == "serve HEAD")
    }

    @Test(arguments: 1...40)
    func theTableAgreesWithASlowMatcher(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let routes = (0..<Int.random(in: 0...40, using: &random)).map { _ in Self.randomRoute(&random) }
        let table = Self.table(routes)
        let paths = (0..<300).map { _ in Self.randomPath(["a", "b", "c", "d", "", "%61", "%62", "a%2Fb"], &random) }
        let disagreements = try paths.filter { path in
            let expected = SlowMatcher.route(for: path, among: routes)
            let found = table.route(for: try RequestPath(path))
            return found?.path != expected?.claim.path || found?.module != expected?.module
        }
        #expect(disagreements.isEmpty, "among \(routes.map(\.claim.path))")
    }

    private static func randomRoute(_ random: inout SplitMix64) -> RoutingTableMessage.Route {
        .route(
            self.randomPath(["a", "a", "b", "c", "", "{x}", "{y}", "%61"], &random),
            Bool.random(using: &random) ? .exact : .subtree,
            module: "m\(Int.random(in: 0...9, using: &random))"
        )
    }

    private static func randomPath(_ segments: [String], _ random: inout SplitMix64) -> String {
        (0..<Int.random(in: 1...5, using: &random))
            .map { _ in "/" + (segments.randomElement(using: &random) ?? "") }
            .joined()
    }
}

extension RouteResolution {
    fileprivate var text: String {
        switch self {
        case .serve(_, let method): "serve \(method)"
        case .notFound: "not found"
        case .methodNotAllowed(let allow): "not allowed: \(allow)"
        case .options(let allow): "options: \(allow)"
        }
    }
}
