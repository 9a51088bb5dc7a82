import Hummingbird
import HummingbirdTesting
import Logging
import MessageBus
import WireProtocol

@testable import Gateway

/// A gateway over a bus that a test plays.
struct GatewayFixture {
    static let token = "0123456789abcdef0123456789abcdef"

    var configuration = GatewayConfiguration()
    var bus: any BusCaller = ScriptedBus(reply: BusReply(status: .answer))
    /// The connection to the cache service.
    var cache: (any BusCaller)?
    var table: RoutingTableMessage? = .example
    var isConnected = true

    /// Runs a test against the application without sockets.
    func test<Value: Sendable>(
        _ setup: TestingSetup = .router,
        _ body: @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        let tables = RoutingTables(reservedPaths: self.configuration.reservedPaths)
        tables.setConnected(self.isConnected)
        if let table = self.table { tables.update(table) }
        let application = GatewayApplication.build(
            self.configuration,
            token: BearerToken(Self.token),
            bus: self.bus,
            cache: self.cache,
            tables: tables,
            logger: Logger(label: "gateway") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await application.test(setup, body)
    }
}

extension HTTPFields {
    static let admin: HTTPFields = [.authorization: "Bearer \(GatewayFixture.token)"]
}

extension RoutingTableMessage {
    static let example = RoutingTableMessage(
        epoch: 7,
        modules: ["directory", "shop"],
        waitingFor: [],
        routes: [
            .route("/_modules/directory/users/{id}", methods: ["GET", "POST"], module: "directory"),
            .route("/_modules/directory/files", .subtree, module: "directory"),
            .route("/_modules/shop/down", module: "shop", isUp: false),
            .route("/_modules/shop/head", methods: ["GET", "HEAD"], module: "shop"),
        ]
    )
}

extension RoutingTableMessage.Route {
    static func route(
        _ path: String,
        _ match: RouteClaim.Match = .exact,
        methods: [String] = ["GET"],
        module: String = "directory",
        isUp: Bool = true
    ) -> Self {
        Self(claim: RouteClaim(path: path, match: match, methods: methods), module: module, isUp: isUp)
    }
}

extension TestResponse {
    /// The body as JSON.
    var json: JSONValue {
        get throws { try JSONValue(parsing: String(buffer: self.body)) }
    }

    var errcode: String? {
        get throws { try self.json["errcode"]?.string }
    }
}
