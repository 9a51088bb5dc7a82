internal import GRDB
internal import WireProtocol

extension RowChanges {
    /// Reads a module's answer.
    ///
    /// - Parameters:
    ///   - json: The answer.
    ///   - rows: How many rows the question had.
    ///   - writable: The tables that the update may change.
    /// - Throws: ``BackgroundUpdatesError/Code/definitive`` with the place that does not fit: the same code gives the same answer again.
    init(json: JSONValue, rows: Int, writable: Set<String>) throws(BackgroundUpdatesError) {
        do throws(JSONError) {
            let reader = try JSONReader(json)
            self.changes = try reader.objects("changes") { change throws(JSONError) in
                try RowChange(change, writable: writable)
            }
            for (index, reason) in try reader.objects(
                "skipped",
                { skipped throws(JSONError) in
                    (try skipped.integer("row", in: 0...max(0, rows - 1)), try skipped.string("reason", default: ""))
                }
            ) {
                self.skipped[index] = reason
            }
        } catch {
            throw BackgroundUpdatesError(.definitive, "the module's answer cannot be used: \(error.message)")
        }
        guard self.changes.count <= Self.changesMax else {
            throw BackgroundUpdatesError(
                .definitive,
                "the module answered \(self.changes.count) changes for \(rows) rows, at most \(Self.changesMax) are taken"
            )
        }
    }
}

extension RowChange {
    fileprivate init(_ reader: JSONReader, writable: Set<String>) throws(JSONError) {
        self.table = try reader.string("table")
        guard writable.contains(self.table) else {
            let tables = writable.sorted().joined(separator: ", ")
            throw JSONError("the update may not change `\(self.table)`: its `writes` has \(tables)")
        }
        if reader.value("insert") != .null {
            self.action = .insert(try Self.fields("insert", reader))
        } else if reader.value("delete") != .null {
            self.action = .delete(key: try Self.fields("delete", reader))
        } else if reader.value("set") != .null {
            self.action = .set(try Self.fields("set", reader), key: try Self.fields("key", reader))
        } else {
            throw JSONError("a change of `\(self.table)` has neither `set` nor `insert` nor `delete`")
        }
    }

    /// An empty key would mean every row, so no list of fields may be empty.
    private static func fields(_ member: String, _ reader: JSONReader) throws(JSONError) -> [Field] {
        guard let object = reader.value(member).object, !object.isEmpty else {
            throw JSONError("`\(member)` has to be an object with at least one column")
        }
        var fields: [Field] = []
        for (column, json) in object {
            guard let value = DatabaseValue(json: json) else {
                throw JSONError("`\(member).\(column)` is no value that a database keeps: found \(json.kind)")
            }
            fields.append(Field(column: column, value: value))
        }
        return fields
    }
}
