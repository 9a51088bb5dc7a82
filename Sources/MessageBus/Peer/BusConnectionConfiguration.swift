public import WireProtocol

/// Where the bus is, and the bounds of one peer's connection to it.
public struct BusConnectionConfiguration: Sendable {
    /// The dispatcher's endpoint, as in `ipc://run/bus.sock`.
    public var endpoint: String
    /// The peer's name in the operator's configuration.
    public var id: String
    public var role: Hello.Role
    /// The peer's own version, for people.
    public var version: String
    /// The silence after which a `PING` is sent, as far as the dispatcher agrees; in milliseconds, 10 to 30,000.
    public var heartbeatMilliseconds: UInt32
    /// The longest body that is received, in bytes.
    public var bodySizeMax: Int
    /// The most calls in flight, each way.
    public var callsMax: Int
    /// The most messages that libzmq keeps each way, and as many again that wait for it to take them.
    ///
    /// A pack is one of them, with up to 16 KiB. A safety net; the flow is bounded by ``callsMax``.
    public var messagesMax: Int
    /// How long the calls in flight may take to end when the connection is told to stop.
    public var drainTime: Duration
    /// How long libzmq goes on sending what is left when the socket closes.
    public var linger: Duration

    public init(
        endpoint: String,
        id: String,
        role: Hello.Role,
        version: String = "",
        heartbeatMilliseconds: UInt32 = 1000,
        bodySizeMax: Int = WireLimits.defaultBodySize,
        callsMax: Int = 65_536,
        messagesMax: Int = 10_000,
        drainTime: Duration = .milliseconds(1500),
        linger: Duration = SocketThread.linger
    ) {
        self.endpoint = endpoint
        self.id = id
        self.role = role
        self.version = version
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.bodySizeMax = bodySizeMax
        self.callsMax = callsMax
        self.messagesMax = messagesMax
        self.drainTime = drainTime
        self.linger = linger
    }
}

/// What went unheard on a connection, since it was made.
public struct BusConnectionStatistics: Hashable, Sendable {
    /// Replies that came after their caller had given up.
    public var lateReplies = 0
    /// Calls whose budget ended without a reply.
    public var timeouts = 0
    /// Messages that could not be read.
    public var malformed = 0
    /// Messages that were dropped because the bus takes no more.
    public var droppedMessages = 0
}
