package import GRDB
package import WireProtocol

/// How far an update has come: the key of the last row that is done.
package struct UpdateProgress: Hashable, Sendable {
    /// Nil before the first row.
    package var cursor: [DatabaseValue]?

    /// The version of the form that is kept.
    private static let version: Int64 = 1

    package init(cursor: [DatabaseValue]? = nil) {
        self.cursor = cursor
    }

    /// Reads the `progress_json` of a queued update.
    ///
    /// - Throws: ``BackgroundUpdatesError/Code/definitive`` when it was written by another program or version: to begin anew would do rows
    ///   twice, so a person has to decide.
    package init(json text: String) throws(BackgroundUpdatesError) {
        let json = (try? JSONValue(parsing: text)) ?? .null
        guard let object = json.object else {
            throw BackgroundUpdatesError(.definitive, "its progress_json is no JSON object")
        }
        if object.isEmpty { return }
        guard json["ganglion"]?.integer == Self.version else {
            throw BackgroundUpdatesError(
                .definitive,
                "its progress_json was written by another program or version; set it to '{}' to begin from the first row"
            )
        }
        guard let values = json["cursor"], values != .null else { return }
        let cursor = values.array?.compactMap { DatabaseValue(json: $0) }
        guard let cursor, cursor.count == values.array?.count, !cursor.isEmpty else {
            throw BackgroundUpdatesError(.definitive, "the cursor in its progress_json cannot be read")
        }
        self.cursor = cursor
    }

    package var json: JSONValue {
        ["ganglion": .integer(Self.version), "cursor": self.cursor.map { .array($0.map(JSONValue.init)) } ?? .null]
    }
}
