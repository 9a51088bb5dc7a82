/// The answer of `GET …/caches`: what the cache service keeps of each cached function.
public struct CacheReport: Sendable, Hashable, Codable {
    /// One cached function.
    public struct Function: Sendable, Hashable, Codable {
        public var name: String
        public var entries: Int
        public var bytes: Int
        /// Answers out of the service's memory.
        public var hits: Int
        /// How often somebody was asked to load.
        public var leases: Int
        public var fills: Int
        public var evictions: Int
    }

    public var functions: [Function]

    /// The report for people.
    public var text: String {
        guard !self.functions.isEmpty else { return "nothing was cached yet" }
        var table = TextTable(["FUNCTION", "ENTRIES", "BYTES", "SHARED HITS", "LOADS", "EVICTED"])
        for function in self.functions {
            let counts = [function.entries, function.bytes, function.hits, function.leases, function.evictions]
            table.add([function.name] + counts.map(String.init))
        }
        return table.text
    }
}
