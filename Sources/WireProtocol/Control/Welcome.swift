/// The dispatcher's answer to a `HELLO`: configuration, limits and heartbeat (`docs/wire-protocol.md` §3.2).
public struct Welcome: ControlBody {
    /// The protocol version to speak from here on.
    public var protocolVersion: UInt8
    /// The dispatcher's incarnation.
    public var dispatcher: String
    /// The module's configuration, `null` if there is none.
    public var configuration: JSONValue
    /// Where the configuration stands in the operator's file.
    public var configurationPath: String
    /// Silence after which a side sends `PING`, in milliseconds.
    public var heartbeatMilliseconds: UInt32
    /// How many silent double intervals end a connection.
    public var liveness: UInt32
    /// The longest body of one message, in bytes.
    public var bodySizeMax: Int
    /// The most unanswered calls each way.
    public var inFlightMax: Int
    /// Where the cache service listens; `nil` where there is none.
    public var cacheEndpoint: String?

    public init(
        protocolVersion: UInt8 = WireLimits.version,
        dispatcher: String,
        configuration: JSONValue = .null,
        configurationPath: String = "",
        heartbeatMilliseconds: UInt32 = 1000,
        liveness: UInt32 = 3,
        bodySizeMax: Int = WireLimits.defaultBodySize,
        inFlightMax: Int = 1024,
        cacheEndpoint: String? = nil
    ) {
        self.protocolVersion = protocolVersion
        self.dispatcher = dispatcher
        self.configuration = configuration
        self.configurationPath = configurationPath
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.liveness = liveness
        self.bodySizeMax = bodySizeMax
        self.inFlightMax = inFlightMax
        self.cacheEndpoint = cacheEndpoint
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.protocolVersion = try reader.integer("protocol", in: 1...UInt8.max)
        self.dispatcher = try reader.string("dispatcher")
        self.configuration = reader.value("config")
        self.configurationPath = try reader.string("config_path", default: "")
        self.heartbeatMilliseconds = try reader.integer("heartbeat_ms", in: 10...30_000, default: 1000)
        self.liveness = try reader.integer("liveness", in: 1...100, default: 3)
        let limits = try reader.object("limits")
        self.bodySizeMax = try limits.integer("body_bytes", in: 1...Int(Int32.max), default: WireLimits.defaultBodySize)
        self.inFlightMax = try limits.integer("in_flight", in: 1...1_000_000, default: 1024)
        self.cacheEndpoint = try reader.optionalString("cache")
    }

    public var json: JSONValue {
        var json: JSONObject = [
            "protocol": .integer(Int64(self.protocolVersion)),
            "dispatcher": .string(self.dispatcher),
            "config": self.configuration,
            "config_path": .string(self.configurationPath),
            "heartbeat_ms": .integer(Int64(self.heartbeatMilliseconds)),
            "liveness": .integer(Int64(self.liveness)),
            "limits": [
                "body_bytes": .integer(Int64(self.bodySizeMax)),
                "in_flight": .integer(Int64(self.inFlightMax)),
            ],
        ]
        json["cache"] = self.cacheEndpoint.map(JSONValue.string)
        return .object(json)
    }
}
