internal import WireProtocol

/// Which module serves which path: what the gateway made of the newest routing table it was sent.
///
/// An exact path goes before one with parameters, and that before a subtree; among several, a literal segment goes before a
/// parameter from left to right, and a longer subtree before a shorter one. Which *module* owns a path is decided by
/// the dispatcher; here it only matters which path is meant.
///
/// A table never changes. It is an object so that handing it to a request costs one reference.
final class RouteTable: Sendable {
    let epoch: UInt64
    /// The modules that are ready, in configured order.
    let modules: [String]
    /// The configured modules that are not.
    let waitingFor: [String]

    private let routes: [Route]
    /// The exact paths without parameters, by their text: one look-up answers most requests.
    private let literals: [String: Int]
    private let trie: RouteTrie
    private let reserved: ReservedPaths

    init(_ message: RoutingTableMessage, reserved: ReservedPaths) {
        self.epoch = message.epoch
        self.modules = message.modules
        self.waitingFor = message.waitingFor
        self.reserved = reserved
        self.routes = message.routes.map(Route.init)
        var literals: [String: Int] = [:]
        var trie = RouteTrie()
        for (index, route) in message.routes.enumerated() {
            let pattern = RoutePattern(route.claim)
            trie.insert(pattern, index)
            if let text = pattern.literalText, literals[text] == nil { literals[text] = index }
        }
        self.literals = literals
        self.trie = trie
    }

    /// How many routes there are.
    var routeCount: Int {
        self.routes.count
    }

    /// The route that serves a path, whatever the method.
    func route(for path: RequestPath) -> Route? {
        guard !self.reserved.contains(path) else { return nil }
        if path.isPlain, let index = self.literals[path.text] { return self.routes[index] }
        return self.trie.find(path.segments).map { self.routes[$0] }
    }

    /// What is to be done with a request.
    func resolve(method: String, path: RequestPath) -> RouteResolution {
        guard let route = self.route(for: path) else { return .notFound }
        if method == "OPTIONS" { return .options(allow: route.allow) }
        guard let method = route.method(serving: method) else { return .methodNotAllowed(allow: route.allow) }
        return .serve(route, method: method)
    }
}

/// What a routing table says about one request.
enum RouteResolution: Sendable {
    /// Call the route's module with this method, which is `GET` for a `HEAD` that the module does not know.
    case serve(Route, method: String)
    case notFound
    case methodNotAllowed(allow: String)
    case options(allow: String)
}
