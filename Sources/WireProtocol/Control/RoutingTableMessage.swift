/// The routing table as hosts get it (`docs/wire-protocol.md` §6).
public struct RoutingTableMessage: ControlBody {
    /// One web resource and the module that owns it.
    public struct Route: Hashable, Sendable {
        public var claim: RouteClaim
        public var module: String
        /// Whether a replica of the module can take calls now.
        public var isUp: Bool

        public init(claim: RouteClaim, module: String, isUp: Bool) {
            self.claim = claim
            self.module = module
            self.isUp = isUp
        }
    }

    public var epoch: UInt64
    /// The modules that are ready, in configured order.
    public var modules: [String]
    /// The configured modules that are not.
    public var waitingFor: [String]
    public var routes: [Route]

    public init(epoch: UInt64, modules: [String], waitingFor: [String], routes: [Route]) {
        self.epoch = epoch
        self.modules = modules
        self.waitingFor = waitingFor
        self.routes = routes
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.epoch = UInt64(try reader.integer("epoch", in: 0...Int64.max))
        self.modules = try reader.strings("modules")
        self.waitingFor = try reader.strings("waiting_for")
        self.routes = try reader.objects("routes") { route throws(JSONError) in
            Route(
                claim: try RouteClaim(route),
                module: try route.string("module"),
                isUp: try route.bool("up", default: true)
            )
        }
    }

    public var json: JSONValue {
        [
            "epoch": .integer(Int64(clamping: self.epoch)),
            "modules": .array(self.modules.map(JSONValue.string)),
            "waiting_for": .array(self.waitingFor.map(JSONValue.string)),
            "routes": .array(self.routes.map(Self.json(of:))),
        ]
    }

    static func json(of route: Route) -> JSONValue {
        guard case .object(var object) = route.claim.json else { return .null }
        object["module"] = .string(route.module)
        object["up"] = .bool(route.isUp)
        return .object(object)
    }
}
