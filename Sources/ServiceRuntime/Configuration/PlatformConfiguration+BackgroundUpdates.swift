extension PlatformConfiguration {
    /// Who works the background updates of the databases.
    ///
    /// - `background_updates.workers` (0…64, default 1): how many workers start where there are databases; 0 when they start elsewhere.
    public struct BackgroundUpdates: Sendable, Hashable {
        /// How many workers start here.
        public var workers = 1

        init() {}
    }
}

extension PlatformConfiguration.BackgroundUpdates {
    static let workersRange = 0...64

    init(_ section: ConfigurationSection) {
        self.workers = section.integer("workers", in: Self.workersRange, default: self.workers)
    }
}
