public import WireProtocol

/// What is to change in a database for the rows that a background update was asked about.
///
/// Only tables that the operator lets the update write may be changed. A `key` names all rows that have these values.
public struct BackgroundUpdateChanges: Hashable, Sendable {
    private var changes: [JSONValue] = []
    private var skipped: [JSONValue] = []

    public init() {}

    /// Whether nothing changes and nothing is skipped.
    public var isEmpty: Bool { self.changes.isEmpty && self.skipped.isEmpty }

    /// Adds a row.
    public mutating func insert(into table: String, _ values: JSONObject) {
        self.changes.append(["table": .string(table), "insert": .object(values)])
    }

    /// Sets columns of the rows with a key.
    public mutating func update(_ table: String, key: JSONObject, set values: JSONObject) {
        self.changes.append(["table": .string(table), "key": .object(key), "set": .object(values)])
    }

    /// Deletes the rows with a key.
    public mutating func delete(from table: String, key: JSONObject) {
        self.changes.append(["table": .string(table), "delete": .object(key)])
    }

    /// Says that nothing can be done for a row, and why: an operator will see it, and the update goes on.
    ///
    /// - Parameters:
    ///   - row: The row's place in ``BackgroundUpdateRows/rows``.
    ///   - reason: For the operator.
    public mutating func skip(row: Int, because reason: String) {
        self.skipped.append(["row": .integer(Int64(row)), "reason": .string(reason)])
    }

    /// The changes as they go over the wire (`docs/background-updates.md` §5).
    public var json: JSONValue {
        ["changes": .array(self.changes), "skipped": .array(self.skipped)]
    }
}
