/// How a socket behaves.
///
/// Set once, when it is made.
///
/// The defaults suit a bus on which every peer has heartbeats and credits of its own: queues are safety nets, nothing
/// waits forever, and a peer that is gone is noticed.
public struct SocketOptions: Sendable {
    /// How long a closed socket goes on sending what it holds.
    ///
    /// Default: 1 second. libzmq's own default is forever.
    public var linger: Duration = .seconds(1)

    /// How many messages to send may wait for each peer; 0 is no limit.
    ///
    /// Default: 10,000.
    ///
    /// A net, not flow control: libzmq counts messages, not bytes, and may refuse earlier.
    public var sendHighWaterMark: Int = 10_000

    /// How many received messages may wait for each peer; 0 is no limit.
    ///
    /// Default: 10,000.
    public var receiveHighWaterMark: Int = 10_000

    /// The largest frame to accept, in bytes; `nil` is no limit.
    ///
    /// Default: 32 MiB.
    ///
    /// A peer that sends a larger one is disconnected, so set it above what the protocol on top allows.
    public var maximumMessageSize: Int? = 32 << 20

    /// Whether messages wait for finished connections only.
    ///
    /// Default: yes, so that none piles up for a peer that is not there: sending tells instead.
    public var immediate: Bool = true

    /// Whether a ROUTER tells when it has no connection to the peer.
    ///
    /// Default: yes. Otherwise it drops the message.
    public var routerMandatory: Bool = true

    /// Whether a newcomer to a ROUTER takes over the routing id of another connection.
    ///
    /// Default: no, because anybody could then take over anybody's name.
    public var routerHandover: Bool = false

    /// How long to wait before connecting again.
    ///
    /// Default: 50 ms, to which libzmq adds up to as much at random.
    public var reconnectInterval: Duration = .milliseconds(50)

    /// What ``reconnectInterval`` doubles up to.
    ///
    /// Default: 500 ms, so that a peer that is back is found within a second.
    public var maximumReconnectInterval: Duration = .milliseconds(500)

    /// How long a new connection may take to introduce itself.
    ///
    /// Default: 5 seconds.
    public var handshakeInterval: Duration = .seconds(5)

    /// ZMTP heartbeats, which notice a connection that is dead; `nil` is none.
    ///
    /// Default: every 5 seconds.
    ///
    /// The threads of libzmq answer them, so they say nothing about whether the peer's program still works.
    public var heartbeat: Heartbeat? = Heartbeat()

    /// How many connections may wait to be accepted.
    ///
    /// Default: 512.
    public var backlog: Int = 512

    /// The probes of the operating system on idle tcp connections; `nil` leaves its defaults.
    ///
    /// Default: `nil`, because ``heartbeat`` is faster and the same everywhere.
    public var tcpKeepAlive: TCPKeepAlive?

    /// The encryption of tcp connections; `nil` is none.
    ///
    /// Default: `nil`.
    public var curve: Curve?

    /// The domain under which the authentication handler (`inproc://zeromq.zap.01`) is asked about each connection.
    ///
    /// Default: `nil`, not asked. Encryption alone tells clients who the server is: without a domain, any client that knows
    /// the server's public key gets in. With a domain and no handler, nobody does.
    public var zapDomain: String?

    public init() {}
}

extension SocketOptions {
    /// ZMTP heartbeats.
    public struct Heartbeat: Sendable {
        /// How often to send one.
        public var interval: Duration
        /// How long to wait for anything to come back before the connection is dropped.
        public var timeout: Duration
        /// After how much silence the peer is told to drop the connection.
        ///
        /// Between 100 ms and 6553 s, in steps of 100 ms.
        public var timeToLive: Duration

        public init(
            interval: Duration = .seconds(5),
            timeout: Duration = .seconds(15),
            timeToLive: Duration = .seconds(15)
        ) {
            self.interval = interval
            self.timeout = timeout
            self.timeToLive = timeToLive
        }
    }

    /// The probes of the operating system on idle tcp connections.
    ///
    /// Units are whole seconds.
    public struct TCPKeepAlive: Sendable {
        /// How long a connection is idle before the first probe.
        public var idle: Duration
        /// How long to wait between probes.
        public var interval: Duration
        /// How many unanswered probes end the connection.
        public var count: Int

        public init(idle: Duration = .seconds(60), interval: Duration = .seconds(10), count: Int = 6) {
            self.idle = idle
            self.interval = interval
            self.count = count
        }
    }

    /// Encryption, and the part a socket has in it.
    public enum Curve: Sendable {
        /// Accepts connections, and proves to be the owner of `secretKey`.
        case server(secretKey: CurveSecretKey)
        /// Connects to the owner of `serverKey`, and to nobody else.
        case client(keys: CurveKeyPair, serverKey: CurvePublicKey)
    }
}
