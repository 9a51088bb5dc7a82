/// A module's callbacks, behind the targets of the wire.
///
/// Most modules have a few, and comparing a target with all of them costs less than hashing it.
struct CallbackTable: Sendable {
    private struct Row: Sendable {
        let target: String
        let entry: ModuleRegistrations.CallbackEntry
    }

    /// So many are compared one after the other.
    private static let rowsMax = 8

    private let rows: [Row]
    /// By target, where they are too many for that.
    private let entries: [String: ModuleRegistrations.CallbackEntry]

    /// - Parameter callbacks: By category and name.
    init(_ callbacks: [String: ModuleRegistrations.CallbackEntry]) {
        let rows = callbacks.map { Row(target: "callback/\($0.key)", entry: $0.value) }
        let areFew = rows.count <= Self.rowsMax
        self.rows = areFew ? rows : []
        self.entries = areFew ? [:] : Dictionary(uniqueKeysWithValues: rows.map { ($0.target, $0.entry) })
    }

    subscript(target: String) -> ModuleRegistrations.CallbackEntry? {
        for index in self.rows.indices where self.rows[index].target == target { return self.rows[index].entry }
        return self.entries.isEmpty ? nil : self.entries[target]
    }
}
