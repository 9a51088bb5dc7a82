public import Callbacks
public import WireProtocol

/// What is checked, and by which of the operator's decisions.
public struct ConformanceSettings: Sendable {
    /// One recorded call of a callback.
    public struct Call: Sendable {
        /// `category/name`.
        public var callback: String
        /// The named arguments: a JSON object.
        public var arguments: Payload

        public init(callback: String, arguments: Payload) {
            self.callback = callback
            self.arguments = arguments
        }
    }

    /// The module's name in the operator's configuration.
    public var moduleID: String
    /// What its welcome has as its configuration.
    public var configuration: JSONValue
    /// A configuration that it has to find wrong; nil when that is not to be checked.
    public var wrongConfiguration: JSONValue?
    public var catalogue: Catalogue
    public var reservedPrefixes: [String]
    /// Recorded calls, which are made besides those with invented arguments.
    public var calls: [Call] = []
    /// How long the module may take until its `HELLO`, its `REGISTER` and its `READY`, each.
    public var startMax = Duration.seconds(10)
    /// How often a silent side says `PING`, unless the module wishes it more often.
    public var heartbeatMilliseconds: UInt32 = 250
    /// Where the played dispatcher says that the cache service is, which nobody plays.
    public var absentCacheEndpoint = "tcp://127.0.0.1:1"
    /// Whether the bus is a tcp port of this machine instead of a socket in a folder.
    public var usesTCP = false
    /// The checks to make besides those that bring the module up; empty for all.
    public var only: Set<String> = []

    public init(
        moduleID: String,
        configuration: JSONValue = .null,
        catalogue: Catalogue,
        reservedPrefixes: [String] = []
    ) {
        self.moduleID = moduleID
        self.configuration = configuration
        self.catalogue = catalogue
        self.reservedPrefixes = reservedPrefixes
    }
}
