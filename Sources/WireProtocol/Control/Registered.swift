/// One thing about an item of a manifest that somebody should know: a reason to refuse it, or a warning.
public struct Remark: Hashable, Sendable {
    /// One of the codes of `docs/wire-protocol.md` §3.5, or of a warning.
    public var code: String
    /// The item, as in `routes[0]`; empty for the whole message.
    public var item: String
    /// For the person who reads it: what is wrong and what to do.
    public var message: String

    public init(code: String, item: String = "", message: String) {
        self.code = code
        self.item = item
        self.message = message
    }

    public init(_ reader: JSONReader) throws(JSONError) {
        self.init(
            code: try reader.string("code"),
            item: try reader.string("item", default: ""),
            message: try reader.string("message", default: "")
        )
    }

    public var json: JSONValue {
        ["code": .string(self.code), "item": .string(self.item), "message": .string(self.message)]
    }
}

/// What a module was granted (`docs/wire-protocol.md` §3.4).
public struct Registered: ControlBody {
    public var epoch: UInt64
    /// The paths it serves.
    public var routes: [String]
    /// The callbacks it answers, as `category/name`.
    public var callbacks: [String]
    /// The methods it offers, by name.
    public var methods: [String]
    /// The background updates whose rows it maps, by name.
    public var backgroundUpdates: [String]
    public var warnings: [Remark]

    public init(
        epoch: UInt64,
        routes: [String],
        callbacks: [String],
        methods: [String] = [],
        backgroundUpdates: [String] = [],
        warnings: [Remark] = []
    ) {
        self.epoch = epoch
        self.routes = routes
        self.callbacks = callbacks
        self.methods = methods
        self.backgroundUpdates = backgroundUpdates
        self.warnings = warnings
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.epoch = UInt64(try reader.integer("epoch", in: 0...Int64.max))
        self.routes = try reader.strings("routes")
        self.callbacks = try reader.strings("callbacks")
        self.methods = try reader.strings("methods")
        self.backgroundUpdates = try reader.strings("background_updates")
        self.warnings = try reader.objects("warnings") { warning throws(JSONError) in try Remark(warning) }
    }

    public var json: JSONValue {
        [
            "epoch": .integer(Int64(clamping: self.epoch)),
            "routes": .array(self.routes.map(JSONValue.string)),
            "callbacks": .array(self.callbacks.map(JSONValue.string)),
            "methods": .array(self.methods.map(JSONValue.string)),
            "background_updates": .array(self.backgroundUpdates.map(JSONValue.string)),
            "warnings": .array(self.warnings.map(\.json)),
        ]
    }
}

/// Why a peer was not let in, with every reason (`docs/wire-protocol.md` §3.5).
public struct Refusal: ControlBody {
    public var reasons: [Remark]

    public init(reasons: [Remark]) {
        self.reasons = reasons
    }

    public init(json: JSONValue) throws(JSONError) {
        self.reasons = try JSONReader(json).objects("reasons") { reason throws(JSONError) in try Remark(reason) }
    }

    public var json: JSONValue {
        ["reasons": .array(self.reasons.map(\.json))]
    }
}
