extension PlatformConfiguration {
    /// The cache service.
    ///
    /// - `cache.listen` (list of endpoints, default `["ipc://run/cache.sock"]`): where it binds; tcp needs `bus.insecure_tcp`.
    /// - `cache.connect` (endpoint, default: the first of `cache.listen` as this machine reaches it): where modules connect.
    /// - `cache.folder` (path, default `run`): where it keeps its epoch; two services never work in one folder.
    /// - `cache.bytes_max` (1 MiB…1 TiB, default 256 MiB): the most memory that the shared values take.
    /// - `cache.value_bytes_max` (1…16 MiB, default 4 MiB): a longer value is not shared.
    public struct Cache: Sendable, Hashable {
        /// Whether the file has a `cache` section: only then are modules told of a cache service.
        public var isConfigured = false
        /// Endpoints to bind; ipc paths are absolute.
        public var listen: [String]
        /// The endpoint that modules connect to.
        public var connect: String
        /// Absolute path of the folder with the epoch.
        public var folder: String
        /// The most memory that the shared values take.
        public var bytesMax = 256 << 20
        /// The longest shared value.
        public var valueBytesMax = 4 << 20

        init(directory: String) {
            self.connect = "ipc://\(directory)/run/cache.sock"
            self.listen = [self.connect]
            self.folder = "\(directory)/run"
        }

        /// The socket files behind the ipc endpoints in `listen`.
        public var socketFiles: [String] {
            self.listen.compactMap { $0.hasPrefix("ipc://") ? String($0.dropFirst("ipc://".count)) : nil }
        }
    }
}

extension PlatformConfiguration.Cache {
    static let bytesRange = (1 << 20)...(1 << 40)
    static let valueBytesRange = 1...(16 << 20)

    init(_ section: ConfigurationSection, directory: String, insecureTCP: Bool) {
        self.init(directory: directory)
        self.isConfigured = true
        self.bytesMax = section.integer("bytes_max", in: Self.bytesRange, default: self.bytesMax)
        self.valueBytesMax = section.integer("value_bytes_max", in: Self.valueBytesRange, default: self.valueBytesMax)
        if let folder = section["folder"]?.string() {
            self.folder = FilePath.absolute(folder, in: directory)
        }
        if let value = section["listen"], let elements = value.list(of: "endpoints") {
            self.listen = elements.compactMap {
                BusEndpoint($0, directory: directory, insecureTCP: insecureTCP)?.text
            }
            if elements.isEmpty {
                value.report("at least one endpoint is needed, for example ipc://run/cache.sock")
            }
        }
        if let value = section["connect"] {
            let endpoint = BusEndpoint(value, directory: directory, insecureTCP: insecureTCP)
            self.connect = endpoint?.text ?? self.connect
        } else if let first = self.listen.first {
            self.connect = BusEndpoint.reachableLocally(first)
        }
    }
}
