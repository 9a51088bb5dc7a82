/// Everything a module can do, registered at once (`docs/wire-protocol.md` §3.3).
public struct Manifest: ControlBody {
    /// The most routes, and the most callbacks, that one manifest may have.
    public static let itemsMax = 1024

    public var routes: [RouteClaim]
    public var callbacks: [CallbackClaim]

    public init(routes: [RouteClaim] = [], callbacks: [CallbackClaim] = []) {
        self.routes = routes
        self.callbacks = callbacks
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.routes = try reader.objects("routes") { route throws(JSONError) in try RouteClaim(route) }
        self.callbacks = try reader.objects("callbacks") { callback throws(JSONError) in try CallbackClaim(callback) }
    }

    public var json: JSONValue {
        ["routes": .array(self.routes.map(\.json)), "callbacks": .array(self.callbacks.map(\.json))]
    }
}

/// A web resource that a module wants to serve.
public struct RouteClaim: Hashable, Sendable {
    /// How much of a request's path a route's path has to match.
    public enum Match: String, CaseIterable, Sendable {
        /// The whole path.
        case exact
        /// The path and everything below it.
        case subtree
    }

    /// An absolute path; a segment `{name}` matches any one segment.
    public var path: String
    public var match: Match
    /// Upper case, never empty.
    public var methods: [String]

    public init(path: String, match: Match = .exact, methods: [String] = ["GET"]) {
        self.path = path
        self.match = match
        self.methods = methods.isEmpty ? ["GET"] : methods
    }

    init(_ reader: JSONReader) throws(JSONError) {
        self.init(
            path: try reader.string("path"),
            match: try reader.choice("match", default: .exact),
            methods: try reader.strings("methods")
        )
    }

    var json: JSONValue {
        [
            "path": .string(self.path),
            "match": .string(self.match.rawValue),
            "methods": .array(self.methods.map(JSONValue.string)),
        ]
    }
}

/// A callback that a module wants to answer.
public struct CallbackClaim: Hashable, Sendable {
    public var category: String
    public var name: String
    /// How many calls of it may be in flight to one replica.
    public var concurrency: Int
    /// The answer depends on the arguments only and has no side effect.
    public var isPure: Bool

    public init(category: String, name: String, concurrency: Int = 64, isPure: Bool = false) {
        self.category = category
        self.name = name
        self.concurrency = concurrency
        self.isPure = isPure
    }

    init(_ reader: JSONReader) throws(JSONError) {
        self.init(
            category: try reader.string("category"),
            name: try reader.string("name"),
            concurrency: try reader.integer("concurrency", in: 1...65_535, default: 64),
            isPure: try reader.bool("pure", default: false)
        )
    }

    var json: JSONValue {
        [
            "category": .string(self.category),
            "name": .string(self.name),
            "concurrency": .integer(Int64(self.concurrency)),
            "pure": .bool(self.isPure),
        ]
    }
}
