import ModuleSDK
import WireProtocol

/// Turns events into rows of a table to search in.
struct EventIndexer: Sendable {
    /// More of a text is not indexed.
    private static let charactersMax = 20_000

    let table: String

    /// What to write for events with the columns `event_id`, `room_id` and `content`.
    ///
    /// An event that is indexed already is indexed anew, so that the update can be started again.
    func changes(for rows: [JSONObject]) -> BackgroundUpdateChanges {
        var changes = BackgroundUpdateChanges()
        for (index, row) in rows.enumerated() {
            guard let event = row["event_id"]?.string, let room = row["room_id"]?.string else {
                changes.skip(
                    row: index,
                    because: "there is no event_id or no room_id: the update's `columns` need both"
                )
                continue
            }
            guard let text = row["content"]?.string, let content = try? JSONValue(parsing: Payload(Array(text.utf8)))
            else {
                changes.skip(row: index, because: "the content is no JSON")
                continue
            }
            guard let body = content["body"]?.string else { continue }
            changes.delete(from: self.table, key: ["event_id": .string(event)])
            changes.insert(
                into: self.table,
                ["event_id": .string(event), "room_id": .string(room), "words": .string(Self.words(of: body))]
            )
        }
        return changes
    }

    /// The words of a text in lower case, one space apart.
    static func words(of text: String) -> String {
        text.prefix(Self.charactersMax).lowercased()
            .split { !$0.isLetter && !$0.isNumber }
            .joined(separator: " ")
    }
}
