/// One background update as the platform shows it.
public struct UpdateReport: Sendable, Hashable, Codable {
    /// In no queue: it was done, or never asked for.
    public static let notPending = "not_pending"

    public var name: String
    public var database: String
    /// `ready`, `no_handler`, `waiting`, `cycle`, `paused`, `backing_off`, `set_aside` or `not_pending`.
    public var standing: String
    /// For the person who asks why it does not move.
    public var reason: String?
    public var handler: String?
    /// Rows that are done.
    public var items: Int?
    /// Rows there were when it was begun; nil while nobody has counted.
    public var totalItems: Int?
    public var itemsPerMillisecond: Double?
    public var skipped: Int?
    public var failures: Int?
    public var lastError: String?

    enum CodingKeys: String, CodingKey {
        case name = "update_name"
        case database
        case standing
        case reason
        case handler
        case items
        case totalItems = "total_items"
        case itemsPerMillisecond = "average_items_per_ms"
        case skipped
        case failures
        case lastError = "last_error"
    }

    /// Creates a report.
    public init(name: String, database: String, standing: String, items: Int? = nil, totalItems: Int? = nil) {
        self.name = name
        self.database = database
        self.standing = standing
        self.items = items
        self.totalItems = totalItems
    }

    /// Whether it will not get any further before somebody does something.
    public var isStuck: Bool {
        ["no_handler", "cycle", "paused", "set_aside"].contains(self.standing)
    }

    /// How much of it is done, 0 to 1; nil when nobody knows.
    public var fraction: Double? {
        guard let items, let totalItems, totalItems > 0 else { return nil }
        // Rows that were added meanwhile are done too, and were not counted.
        return min(1, Double(items) / Double(totalItems))
    }
}

/// The answer of `GET …/background_updates`.
public struct UpdateList: Sendable, Hashable, Codable {
    public var updates: [UpdateReport]

    /// Creates a list.
    public init(updates: [UpdateReport]) {
        self.updates = updates
    }

    /// The list for people.
    public var text: String {
        guard !self.updates.isEmpty else { return "no update is pending or declared" }
        var table = TextTable(["UPDATE", "DATABASE", "STATE", "DONE", "ROWS", "REASON"])
        for update in self.updates {
            let counts = [update.items, update.totalItems].compactMap { $0.map(String.init) }
            table.add([
                update.name,
                update.database,
                update.standing,
                update.fraction.map { "\(Int($0 * 100)) %" } ?? "-",
                counts.isEmpty ? "-" : counts.joined(separator: " of "),
                update.reason ?? "-",
            ])
        }
        return table.text
    }
}
