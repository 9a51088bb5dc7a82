extension PlatformConfiguration {
    /// How services and modules meet.
    ///
    /// - `bus.listen` (list of endpoints, default `["ipc://run/bus.sock"]`): where the dispatcher binds.
    /// - `bus.connect` (endpoint, default: the first of `bus.listen` as this machine reaches it): where the others connect;
    ///   needed when the dispatcher runs on another machine or in another container.
    /// - `bus.insecure_tcp` (boolean, default false): permits tcp without keys, for loopback and closed networks.
    /// - `bus.heartbeat_ms` (10…30000, default 1000): silence after which a heartbeat is sent.
    /// - `bus.body_bytes_max` (1024…1 GiB, default 16 MiB): largest body of one message.
    public struct Bus: Sendable, Hashable {
        /// Endpoints to bind; ipc paths are absolute.
        public var listen: [String]
        /// The endpoint that services and local modules connect to.
        public var connect: String
        /// Whether tcp without keys was asked for.
        public var insecureTCP = false
        /// Silence after which a heartbeat is sent.
        public var heartbeat = Duration.milliseconds(1000)
        /// Largest body of one message.
        public var bodyBytesMax = 16 << 20

        init(directory: String) {
            self.connect = "ipc://\(directory)/run/bus.sock"
            self.listen = [self.connect]
        }

        /// The socket files behind the ipc endpoints in `listen`.
        public var socketFiles: [String] {
            self.listen.compactMap { $0.hasPrefix("ipc://") ? String($0.dropFirst("ipc://".count)) : nil }
        }
    }
}

extension PlatformConfiguration.Bus {
    /// What the wire allows.
    static let heartbeatRange = 10...30_000
    static let bodyBytesRange = 1024...(1 << 30)

    init(_ section: ConfigurationSection, directory: String) {
        self.init(directory: directory)
        self.insecureTCP = section.boolean("insecure_tcp", default: false)
        self.heartbeat = section.milliseconds("heartbeat_ms", in: Self.heartbeatRange, default: self.heartbeat)
        self.bodyBytesMax = section.integer("body_bytes_max", in: Self.bodyBytesRange, default: self.bodyBytesMax)
        if let value = section["listen"], let elements = value.list(of: "endpoints") {
            self.listen = elements.compactMap {
                BusEndpoint($0, directory: directory, insecureTCP: self.insecureTCP)?.text
            }
            if elements.isEmpty {
                value.report("at least one endpoint is needed, for example ipc://run/bus.sock")
            }
        }
        if let value = section["connect"] {
            let endpoint = BusEndpoint(value, directory: directory, insecureTCP: self.insecureTCP)
            self.connect = endpoint?.text ?? self.connect
        } else if let first = self.listen.first {
            self.connect = BusEndpoint.reachableLocally(first)
        }
    }
}
