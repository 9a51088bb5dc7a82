internal import WireProtocol

/// A web resource in the gateway's table.
struct Route: Sendable {
    let path: String
    let module: String
    let isUp: Bool
    let methods: [String]
    /// The target of calls to it.
    let target: String
    /// The value of the `Allow` header.
    let allow: String

    init(_ route: RoutingTableMessage.Route) {
        self.path = route.claim.path
        self.module = route.module
        self.isUp = route.isUp
        self.methods = route.claim.methods
        self.target = "web/\(route.module)\(route.claim.path)"
        self.allow = Self.allow(route.claim.methods)
    }

    /// The method that a module is asked for, `nil` if it does not serve this one.
    func method(serving method: String) -> String? {
        if self.methods.contains(method) { return method }
        return method == "HEAD" && self.methods.contains("GET") ? "GET" : nil
    }

    private static func allow(_ methods: [String]) -> String {
        var allowed: [String] = []
        for method in methods {
            for method in method == "GET" ? ["GET", "HEAD"] : [method] where !allowed.contains(method) {
                allowed.append(method)
            }
        }
        if !allowed.contains("OPTIONS") { allowed.append("OPTIONS") }
        return allowed.joined(separator: ", ")
    }
}
