public import WireProtocol

/// What the operator decided, as the dispatcher needs it.
public struct DispatcherConfiguration: Sendable {
    /// One module of the operator's list, or a service that serves calls like one.
    public struct Module: Sendable {
        /// The name by which it says hello.
        public var id: String
        /// What it gets with its welcome.
        public var configuration: JSONValue
        /// Where that stands in the operator's file, such as `modules[1].config`.
        public var configurationPath: String
        /// The paths below which it may serve; nil for all.
        public var allowedRoutes: [String]?
        /// `category/name`, `category/*` or `*`; nil for all.
        public var allowedCallbacks: [String]?
        /// What its failures do where the catalogue says otherwise.
        public var overrides: [PolicyOverride] = []
        /// Whether it takes part from the start; an operator can change that while the dispatcher runs.
        public var isEnabled = true
        /// Whether its callbacks are asked beside the chains, and what they say is compared and not applied.
        public var isShadow = false
        /// Whether it is a part of the platform itself: nobody waits for it, and it stands in no order.
        public var isService = false

        public init(
            id: String,
            configuration: JSONValue = .null,
            configurationPath: String = "",
            allowedRoutes: [String]? = nil,
            allowedCallbacks: [String]? = nil
        ) {
            self.id = id
            self.configuration = configuration
            self.configurationPath = configurationPath
            self.allowedRoutes = allowedRoutes
            self.allowedCallbacks = allowedCallbacks
        }

        /// A service of the platform, which offers methods and nothing else.
        public static func service(_ id: String) -> Self {
            var service = Self(id: id, allowedRoutes: [], allowedCallbacks: [])
            service.isService = true
            return service
        }
    }

    /// The modules in the order that decides who is asked first and who wins a conflict, and then the services.
    public var modules: [Module]
    public var catalogue: Catalogue
    /// Path prefixes that no module may serve.
    public var reservedPrefixes: [String]
    /// The dispatcher's own incarnation, new at every start.
    public var incarnation: String
    /// Where the cache service listens, told to every module; nil where there is none.
    public var cacheEndpoint: String?
    /// The longest interval of silence before a `PING`; a peer may wish for a shorter one.
    public var heartbeatMilliseconds: UInt32 = 1000
    /// After how many silent double intervals a peer is lost.
    public var liveness: UInt32 = 3
    /// The longest body of a call or reply, in bytes.
    public var bodySizeMax = WireLimits.defaultBodySize
    /// The most unanswered calls of one peer, each way.
    public var inFlightMax = 1024
    /// The most calls that wait for a module all of whose replicas have as many as they take.
    public var queueMax = 256
    /// How many of a hundred calls of an idempotent callback may be made again at another replica.
    public var retryPercent = 20
    /// How many calls of one callback have to fail at one module, and half of all, before none are made for a while; 0 for never.
    public var circuitFailures = 10
    /// The shortest time over which they are judged, and the first pause before a trial.
    public var circuitPause = Duration.seconds(1)
    /// The longest time one chain may take in all, whatever its caller allows; calls to one module have what their caller allows.
    public var budgetMillisecondsMax = WireLimits.budgetMilliseconds
    /// How long after its start the dispatcher answers a required callback with "come again" while modules that may have it are missing.
    public var settleMilliseconds: UInt32 = 5000
    /// How many decisions are kept to be explained afterwards; each takes about 250 bytes.
    public var decisionsMax = 4096

    public init(modules: [Module], catalogue: Catalogue, reservedPrefixes: [String], incarnation: String) {
        self.modules = modules
        self.catalogue = catalogue
        self.reservedPrefixes = reservedPrefixes
        self.incarnation = incarnation
    }
}
