import ModuleSDK

/// Fills a table to search events in, from the events that are there already.
///
/// The module sees rows and says what is to be written; it opens no database.
@main
struct SearchIndex: Module {
    static let version = "1.0.0"

    init(configuration: SearchIndexConfiguration, api: ModuleAPI) {
        api.registerBackgroundUpdate(configuration.update) { batch in
            EventIndexer(table: configuration.table).changes(for: batch.rows)
        }
    }
}

/// Which update of the queue it is, and where the words go.
struct SearchIndexConfiguration: Decodable, Sendable {
    var update = "index_events"
    /// A table with the columns `event_id`, `room_id` and `words`; one of FTS5 will do.
    var table = "event_search"

    private enum Key: String, CodingKey { case update, table }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.update = try container.decodeIfPresent(String.self, forKey: .update) ?? self.update
        self.table = try container.decodeIfPresent(String.self, forKey: .table) ?? self.table
        let problems = [("update", self.update), ("table", self.table)].filter(\.1.isEmpty)
            .map { ConfigurationError.Problem(path: $0.0, message: "expected a name, found ''") }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
    }
}
