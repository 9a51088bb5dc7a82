extension PlatformConfiguration {
    /// The services that serve calls on the bus as modules do, by the names under which they say hello.
    public static let peerServices = ["background-update-worker"]

    /// One module of the platform.
    ///
    /// - `module` (text, required): its id, 1 to 63 of `a-z 0-9 -`, not starting with `-`; only once in the file, and not that of a service.
    /// - `run` (list of strings): the command that starts it; left out, the module starts elsewhere.
    /// - `instances` (1…64, default 1): how many processes of it `run` starts.
    /// - `public_key`: refused, for connections are not encrypted yet and a key that nothing checks would promise too much.
    /// - `allow` (``Allowance``): what it may register; left out, everything but databases.
    /// - `enabled` (boolean, default true): whether it takes part; one that does not runs and is asked nothing.
    /// - `shadow` (boolean, default false): whether its callbacks are asked beside the chains, and only compared with them.
    /// - `failure` (callbacks → kind of failure → action): what its failures do in place of the catalogue.
    /// - `config` (anything that JSON can say, default `{}`): handed to the module as it is.
    public struct Module: Sendable, Hashable {
        /// The most processes that one entry may start.
        public static let instancesMax = 64

        /// The module's name on the platform.
        public var id: String
        /// The place in the file, from 1: lower is asked first and wins a conflict.
        public var position: Int
        /// Executable and arguments, or nil when the module starts elsewhere.
        public var run: [String]?
        public var instances = 1
        public var allow = Allowance()
        /// Whether it takes part from the start.
        public var isEnabled = true
        /// Whether what its callbacks say is only compared.
        public var isShadow = false
        /// What its failures do in place of the catalogue.
        public var failures: [CallbackOverride] = []
        /// The module's own configuration as JSON text.
        public var config = Array("{}".utf8)

        init(id: String, position: Int) {
            self.id = id
            self.position = position
        }

        /// The path of this module's configuration in the file, which its own errors are reported under.
        public var configKeyPath: String { "modules[\(self.position - 1)].config" }
    }

    /// What a module may register.
    public struct Allowance: Sendable, Hashable {
        /// Path prefixes it may serve; nil allows every path that is not reserved.
        public var routes: [String]?
        /// `category/callback`, `category/*` or `*`; nil allows every callback.
        public var callbacks: [String]?
        /// Names of databases it may read.
        public var databases: [String] = []

        init() {}

        /// Whether a callback of the catalogue may be registered.
        public func permits(callback: String, of category: String) -> Bool {
            guard let callbacks else { return true }
            return callbacks.contains { ["*", "\(category)/*", "\(category)/\(callback)"].contains($0) }
        }

        /// Whether a path may be served: it is one of the prefixes or lies below one.
        public func permits(path: String) -> Bool {
            guard let routes else { return true }
            return routes.contains { path == $0 || $0 == "/" || path.hasPrefix("\($0)/") }
        }
    }
}

extension PlatformConfiguration.Module {
    /// - Returns: nil after reporting that there is no usable id.
    init?(_ section: ConfigurationSection, position: Int) {
        let id = section.required("module", "the module's name, such as link-guard").flatMap(Self.id)
        self.init(id: id ?? "", position: position)
        self.run = section["run"].flatMap(Self.command)
        section["public_key"]?.report(
            "is not supported yet: nothing would check the key, for connections to the bus are not encrypted; leave it out and keep the bus on ipc"
        )
        self.allow = section["allow"]?.section { .init($0) } ?? self.allow
        self.isEnabled = section.boolean("enabled", default: true)
        self.isShadow = section.boolean("shadow", default: false)
        self.failures = section["failure"].flatMap(PlatformConfiguration.CallbackOverride.failures(ofModule:)) ?? []
        self.config = section["config"]?.json() ?? self.config
        if let value = section["instances"] {
            self.instances = value.integer(in: 1...Self.instancesMax) ?? 1
            if section["run"] == nil {
                value.report("counts the processes that `run` starts, and there is no `run`")
            }
        }
        guard id != nil else { return nil }
    }

    /// Whether a text can name a module.
    public static func isID(_ text: String) -> Bool {
        let allowed = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return allowed && (1...63).contains(text.utf8.count) && !text.hasPrefix("-")
    }

    /// The platform's own processes: a module of that name could not be told from them, in logs or on the bus.
    private static let ownNames: Set = [
        "background-update-worker", "cache-service", "callback-dispatcher", "ganglion", "gateway",
    ]

    private static func id(_ value: ConfigurationValue) -> String? {
        guard let text = value.string() else { return nil }
        guard !Self.ownNames.contains(text) else {
            value.report("`\(text)` is the name of a service of the platform; choose another for the module")
            return nil
        }
        guard Self.isID(text) else {
            value.report("`\(text)` cannot name a module: use 1 to 63 of a-z, 0-9 and -, not starting with -")
            return nil
        }
        return text
    }

    private static func command(_ value: ConfigurationValue) -> [String]? {
        guard let elements = value.list(of: "strings") else { return nil }
        guard !elements.isEmpty else {
            value.report("names no executable: leave `run` out when the module starts elsewhere")
            return nil
        }
        return elements.compactMap { $0.string() }
    }
}

extension PlatformConfiguration.Allowance {
    init(_ section: ConfigurationSection) {
        self.routes = section["routes"]?.list(of: "paths")?.compactMap(Self.route)
        self.callbacks = section["callbacks"]?.list(of: "callbacks")?.compactMap(Self.callback)
        self.databases = section["databases"]?.strings() ?? []
    }

    private static func route(_ value: ConfigurationValue) -> String? {
        guard let text = value.string() else { return nil }
        guard text.hasPrefix("/") else {
            value.report("`\(text)` is no path: it has to start with /")
            return nil
        }
        if let flaw = Self.flaw(ofRoute: text) {
            value.report("`\(text)` \(flaw)")
            return nil
        }
        return text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// Why no path of a module could lie below a text that begins like one; nil when some could.
    private static func flaw(ofRoute text: String) -> String? {
        let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if text.contains("*") {
            return "is no path: all that lies below a path is allowed with it, so leave out the *"
        }
        if text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || "?#\\".utf8.contains($0) }) {
            return "is no path: only its own segments stand there, percent-encoded where they have to be"
        }
        if segments.dropLast().contains("") || segments.contains(".") || segments.contains("..") {
            return "is no path that is ever asked for: leave out empty segments, . and .."
        }
        return nil
    }

    private static func callback(_ value: ConfigurationValue) -> String? {
        guard let text = value.string() else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text == "*" || (parts.count == 2 && !parts[0].isEmpty && !parts[0].contains("*") && !parts[1].isEmpty)
        else {
            value.report("`\(text)` names no callback: write category/callback, category/* or *")
            return nil
        }
        return text
    }
}
