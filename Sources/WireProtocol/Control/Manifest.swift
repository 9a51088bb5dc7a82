/// Everything a module can do, registered at once (`docs/wire-protocol.md` §3.3).
public struct Manifest: ControlBody {
    /// The most items of each kind that one manifest may have.
    public static let itemsMax = 1024

    public var routes: [RouteClaim]
    public var callbacks: [CallbackClaim]
    public var methods: [MethodClaim]
    public var backgroundUpdates: [BackgroundUpdateClaim]
    /// What has to be there before the module is asked.
    public var requires: [RequirementClaim]
    /// How many calls of all kinds may be in flight to one replica; nil for what the dispatcher allows.
    public var concurrency: Int?

    public init(
        routes: [RouteClaim] = [],
        callbacks: [CallbackClaim] = [],
        methods: [MethodClaim] = [],
        backgroundUpdates: [BackgroundUpdateClaim] = [],
        requires: [RequirementClaim] = [],
        concurrency: Int? = nil
    ) {
        self.routes = routes
        self.callbacks = callbacks
        self.methods = methods
        self.backgroundUpdates = backgroundUpdates
        self.requires = requires
        self.concurrency = concurrency
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.routes = try reader.objects("routes") { route throws(JSONError) in try RouteClaim(route) }
        self.callbacks = try reader.objects("callbacks") { callback throws(JSONError) in try CallbackClaim(callback) }
        self.methods = try reader.objects("methods") { method throws(JSONError) in
            MethodClaim(name: try method.string("name"))
        }
        self.backgroundUpdates = try reader.objects("background_updates") { update throws(JSONError) in
            BackgroundUpdateClaim(name: try update.string("name"))
        }
        self.requires = try reader.objects("requires") { claim throws(JSONError) in try RequirementClaim(claim) }
        let concurrency = try reader.integer("concurrency", in: 0...65_535, default: 0)
        self.concurrency = concurrency == 0 ? nil : concurrency
    }

    public var json: JSONValue {
        var members: JSONObject = [
            "routes": .array(self.routes.map(\.json)), "callbacks": .array(self.callbacks.map(\.json)),
            "methods": .array(self.methods.map { ["name": .string($0.name)] }),
            "background_updates": .array(self.backgroundUpdates.map { ["name": .string($0.name)] }),
        ]
        if !self.requires.isEmpty { members["requires"] = .array(self.requires.map(\.json)) }
        members["concurrency"] = self.concurrency.map { .integer(Int64($0)) }
        return .object(members)
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
    /// Of a keyed callback the keys it answers; of any other none.
    public var keys: [KeyClaim]
    /// Which calls concern the module, as JSON that ``ArgumentFilter`` reads; nil for all.
    public var filter: JSONValue?

    public init(
        category: String,
        name: String,
        concurrency: Int = 64,
        isPure: Bool = false,
        keys: [KeyClaim] = [],
        filter: JSONValue? = nil
    ) {
        self.keys = keys
        self.filter = filter
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
            isPure: try reader.bool("pure", default: false),
            keys: try reader.objects("keys") { key throws(JSONError) in try KeyClaim(key) },
            // Read where there is a callback to hold it against, so that a flaw is one of many reasons.
            filter: Optional(reader.value("filter")).flatMap { $0 == .null ? Optional.none : $0 }
        )
    }

    var json: JSONValue {
        var object: JSONObject = [
            "category": .string(self.category),
            "name": .string(self.name),
            "concurrency": .integer(Int64(self.concurrency)),
            "pure": .bool(self.isPure),
        ]
        object["keys"] = self.keys.isEmpty ? nil : .array(self.keys.map(\.json))
        object["filter"] = self.filter
        return .object(object)
    }
}

/// A method that a module or a service offers to everybody on the bus, called as `method/<its id>/<name>`.
public struct MethodClaim: Hashable, Sendable {
    /// 1 to 64 of `a-z 0-9 _`.
    public var name: String

    public init(name: String) {
        self.name = name
    }
}

/// A background update whose rows a module maps, called as `update/<its id>/<name>`.
public struct BackgroundUpdateClaim: Hashable, Sendable {
    /// The update's name in the queue: 1 to 128 of `A-Z a-z 0-9 _ . -`.
    public var name: String

    public init(name: String) {
        self.name = name
    }
}
