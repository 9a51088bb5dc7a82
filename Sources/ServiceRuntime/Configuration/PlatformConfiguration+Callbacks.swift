extension PlatformConfiguration {
    /// How callbacks are answered.
    ///
    /// - `callbacks.catalogue` (path or list of paths): catalogue files with categories beside the shipped ones.
    /// - `callbacks.budget_ms` (1…600000, default 10000): how long one chain may take in all.
    /// - `callbacks.settle_ms` (0…600000, default 5000): how long a dispatcher that has just started waits for modules before it decides what is
    ///   required without them.
    /// - `callbacks.explained_calls` (0…100000, default 4096): how many of the newest calls can be explained afterwards.
    /// - `callbacks.queue` (0…4096, default 256): how many calls may wait for a module that has as many as it takes.
    /// - `callbacks.retry_percent` (0…100, default 20): how many of a hundred calls of an idempotent callback may be made again at another replica.
    /// - `callbacks.circuit_failures` (0…1000000, default 10): how many calls have to fail before none are made for a while; 0 for never.
    /// - `callbacks.overrides` (callbacks → ``CallbackOverride``): what holds in place of the catalogue.
    public struct Callbacks: Sendable, Hashable {
        /// Absolute paths of catalogue files beside the shipped one.
        public var catalogues: [String] = []
        /// How long one chain may take in all.
        public var budget = Duration.milliseconds(10_000)
        /// How long a dispatcher that has just started waits for modules that may have a required callback.
        public var settle = Duration.milliseconds(5000)
        /// How many of the newest calls can be explained afterwards.
        public var explainedCalls = 4096
        /// How many calls may wait for a module that has as many as it takes.
        public var queue = 256
        /// How many of a hundred calls of an idempotent callback may be made again at another replica.
        public var retryPercent = 20
        /// How many calls of a callback have to fail at a module before none are made for a while; 0 for never.
        public var circuitFailures = 10
        /// What holds in place of the catalogue.
        public var overrides: [CallbackOverride] = []

        init() {}
    }

    /// Where a database is.
    public enum Database: Sendable, Hashable {
        /// An SQLite file, absolute path.
        case sqlite(String)
    }
}

extension PlatformConfiguration.Callbacks {
    static let budgetRange = 1...600_000
    static let queueRange = 0...4096
    static let settleRange = 0...600_000
    static let explainedCallsRange = 0...100_000

    init(_ section: ConfigurationSection, directory: String) {
        self.catalogues = section["catalogue"].map(Self.files)?.map { FilePath.absolute($0, in: directory) } ?? []
        self.budget = section.milliseconds("budget_ms", in: Self.budgetRange, default: self.budget)
        self.settle = section.milliseconds("settle_ms", in: Self.settleRange, default: self.settle)
        self.explainedCalls = section.integer(
            "explained_calls",
            in: Self.explainedCallsRange,
            default: self.explainedCalls
        )
        self.queue = section.integer("queue", in: Self.queueRange, default: self.queue)
        self.retryPercent = section.integer("retry_percent", in: 0...100, default: self.retryPercent)
        self.circuitFailures = section.integer("circuit_failures", in: 0...1_000_000, default: self.circuitFailures)
        self.overrides =
            section["overrides"].flatMap(PlatformConfiguration.CallbackOverride.overrides) ?? self.overrides
    }
}

extension PlatformConfiguration.Callbacks {
    private static func files(_ value: ConfigurationValue) -> [String] {
        value.scalar == nil ? value.strings() ?? [] : value.string().map { [$0] } ?? []
    }
}

extension PlatformConfiguration.Database {
    init?(_ section: ConfigurationSection, directory: String) {
        guard let value = section.required("sqlite", "the path of the database's file") else { return nil }
        guard let path = value.string() else { return nil }
        self = .sqlite(FilePath.absolute(path, in: directory))
    }
}
