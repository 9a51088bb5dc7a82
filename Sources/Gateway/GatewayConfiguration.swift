/// What a gateway needs to know.
///
/// Everything has a bound. Those that an operator may want to change have a key in the configuration file; the others are
/// here so that tests can make them small.
public struct GatewayConfiguration: Sendable {
    /// Host name or address to listen on.
    public var host = "127.0.0.1"
    /// TCP port to listen on.
    public var port = 8008
    /// The largest body of a request, and the largest of a host call's arguments, in bytes: more is answered 413.
    public var bodySizeMax = 10 << 20
    /// How long a module or a chain of callbacks may take for one request.
    public var budget = Duration.seconds(10)
    /// The longest budget that a host may ask for in `Ganglion-Budget-Ms`.
    public var hostBudgetMax = Duration.seconds(600)
    /// The path prefixes below which no module is served; `/_ganglion` is always one of them.
    public var reservedPaths = [
        "/_matrix/client", "/_matrix/federation", "/_matrix/media", "/_matrix/key", "/_synapse/admin",
    ]
    /// How many calls may be on their way at once: more requests are answered 503.
    public var callsInFlightMax = 1000
    /// How many connections are open at once: more wait in the backlog.
    public var connectionsMax = 4096
    /// The largest head of a request, and of a module's response, in bytes.
    public var headSizeMax = 64 << 10
    /// The most header fields of a request, and of a module's response.
    public var headerCountMax = 256
    /// How long a connection may be silent.
    public var idleTimeout = Duration.seconds(60)
    /// How long a client may take to send a body: more is answered 408.
    public var uploadTimeout = Duration.seconds(30)
    /// How long after the end of its budget a call is given up on if the bus has not ended it.
    public var budgetSlack = Duration.milliseconds(500)

    /// The defaults.
    public init() {}
}
