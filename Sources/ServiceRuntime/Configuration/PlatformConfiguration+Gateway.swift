extension PlatformConfiguration {
    /// The HTTP side.
    ///
    /// - `gateway.listen` (`HOST:PORT`, default `127.0.0.1:8008`).
    /// - `gateway.body_bytes_max` (1…1 GiB, default 10 MiB): larger request bodies are answered 413.
    /// - `gateway.budget_ms` (1…600000, default 10000): how long one request may take in all.
    /// - `gateway.reserved` (list of path prefixes, default ``standardReserved``): what no module may serve. `/_ganglion` is
    ///   always among them.
    /// - `gateway.admin_token_file` (path, default `run/admin.token`): made on the first start.
    public struct Gateway: Sendable, Hashable {
        public var listen = HostAndPort(host: "127.0.0.1", port: 8008)
        /// Largest request body.
        public var bodyBytesMax = 10 << 20
        /// How long one request may take in all.
        public var budget = Duration.milliseconds(10_000)
        /// Path prefixes that no module may serve.
        public var reserved = Self.standardReserved
        /// Absolute path of the file with the bearer token of the admin surface.
        public var adminTokenFile: String

        /// The prefixes that are reserved unless the file says otherwise.
        public static let standardReserved = [
            "/_matrix/client", "/_matrix/federation", "/_matrix/media", "/_matrix/key", "/_synapse/admin", "/_ganglion",
        ]

        init(directory: String) {
            self.adminTokenFile = "\(directory)/run/admin.token"
        }
    }
}

extension PlatformConfiguration.Gateway {
    static let bodyBytesRange = 1...(1 << 30)
    static let budgetRange = 1...600_000

    init(_ section: ConfigurationSection, directory: String) {
        self.init(directory: directory)
        self.bodyBytesMax = section.integer("body_bytes_max", in: Self.bodyBytesRange, default: self.bodyBytesMax)
        self.budget = section.milliseconds("budget_ms", in: Self.budgetRange, default: self.budget)
        if let value = section["listen"] {
            self.listen = Self.address(value) ?? self.listen
        }
        if let file = section["admin_token_file"]?.string() {
            self.adminTokenFile = FilePath.absolute(file, in: directory)
        }
        if let prefixes = section["reserved"]?.list(of: "path prefixes") {
            self.reserved = prefixes.compactMap(Self.prefix)
            if !self.reserved.contains("/_ganglion") {
                self.reserved.append("/_ganglion")
            }
        }
    }

    private static func address(_ value: ConfigurationValue) -> HostAndPort? {
        guard let text = value.string() else { return nil }
        guard let address = HostAndPort(text) else {
            value.report("`\(text)` is no address to listen on: write HOST:PORT, for example 127.0.0.1:8008")
            return nil
        }
        return address
    }

    private static func prefix(_ value: ConfigurationValue) -> String? {
        guard let text = value.string() else { return nil }
        guard text.hasPrefix("/"), text.count > 1 else {
            value.report("`\(text)` is no path prefix: it has to start with / and name something")
            return nil
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
