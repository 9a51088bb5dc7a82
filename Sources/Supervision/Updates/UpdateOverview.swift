/// The answer of `GET …/background_updates/status`: the original's, with what every database says.
public struct UpdateOverview: Sendable, Hashable, Codable {
    /// The update that a database is at.
    public struct Current: Sendable, Hashable, Codable {
        public var name: String
        public var items: Int
        public var milliseconds: Double
        public var itemsPerMillisecond: Double?

        enum CodingKeys: String, CodingKey {
            case name
            case items = "total_item_count"
            case milliseconds = "total_duration_ms"
            case itemsPerMillisecond = "average_items_per_ms"
        }
    }

    /// What is queued in one database, and why nothing moves.
    public struct Queue: Sendable, Hashable, Codable {
        public var enabled: Bool?
        public var reason: String?
        public var pendingCount: Int?

        enum CodingKeys: String, CodingKey {
            case enabled
            case reason
            case pendingCount = "pending_count"
        }
    }

    public var enabled: Bool
    public var current: [String: Current]
    public var databases: [String: Queue]

    enum CodingKeys: String, CodingKey {
        case enabled
        case current = "current_updates"
        case databases
    }

    /// The overview for people.
    public var text: String {
        var lines = ["background updates are \(self.enabled ? "enabled" : "disabled")"]
        guard !self.databases.isEmpty else { return lines[0] }
        var table = TextTable(["DATABASE", "PENDING", "WORKS ON", "ROWS", "ROWS/S", "NOTHING MOVES BECAUSE"])
        for (name, queue) in self.databases.sorted(by: { $0.key < $1.key }) {
            let current = self.current[name]
            table.add([
                name,
                queue.pendingCount.map(String.init) ?? "-",
                current?.name ?? "-",
                current.map { String($0.items) } ?? "-",
                current?.itemsPerMillisecond.map { String(Int($0 * 1000)) } ?? "-",
                current == nil ? queue.reason ?? "-" : "-",
            ])
        }
        lines += ["", table.text]
        return lines.joined(separator: "\n")
    }
}
