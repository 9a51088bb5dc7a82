import BackgroundUpdates
import GRDB

/// A row of the table that all updates are about.
struct VirtualRow: Hashable {
    var key: Int64
    var value: Int64
    /// For each update how often it has done this row since it was put into the queue.
    var done: [Int]
    /// For each update the value that the row had then.
    var seen: [Int64]
    /// The updates whose module could not do it.
    var skippedBy: Set<Int> = []

    var columns: [DatabaseValue] { [self.key.databaseValue, self.value.databaseValue] }
}

/// What is in the database: a value, so that a transaction is a copy that takes the place of the original when it is committed.
struct VirtualStore {
    var control = Control()
    var pending: [PendingUpdate] = []
    var states: [String: UpdateState] = [:]
    /// By their keys.
    var rows: [VirtualRow] = []
    /// For each update how often its index was made.
    var indexes: [Int] = []

    func view(isOwnerGone: Bool) -> QueueView {
        var control = self.control
        control.isOwnerGone = isOwnerGone
        let names = Set(self.pending.map(\.name))
        return QueueView(
            pending: self.pending,
            states: self.states.filter { names.contains($0.key) && $0.value.standing != .finished },
            control: control
        )
    }

    func record(_ name: String) throws(BackgroundUpdatesError) -> UpdateRecord {
        guard let pending = self.pending.first(where: { $0.name == name }) else {
            throw BackgroundUpdatesError(.gone, "`\(name)` is not queued any more")
        }
        let state = self.states[name].flatMap { $0.standing == .finished ? nil : $0 }
        return UpdateRecord(pending: pending, state: state ?? UpdateState(name: name))
    }

    mutating func save(_ record: UpdateRecord) {
        let name = record.pending.name
        self.states[name] = record.state
        guard let place = self.pending.firstIndex(where: { $0.name == name }) else { return }
        if record.state.standing == .finished {
            self.pending.remove(at: place)
        } else {
            self.pending[place] = record.pending
        }
    }

    // MARK: Rows

    /// Where the rows after a key begin.
    func place(after key: Int64?) -> Int {
        guard let key else { return 0 }
        var (low, high) = (0, self.rows.count)
        while low < high {
            let middle = (low + high) / 2
            if self.rows[middle].key <= key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func rows(after low: [DatabaseValue]?, limit: Int) -> ArraySlice<VirtualRow> {
        self.rows[self.place(after: low.key)...].prefix(limit)
    }
}

extension [DatabaseValue]? {
    /// The key that a cursor is.
    var key: Int64? { self?.first.flatMap(Int64.fromDatabaseValue) }
}

/// The rows as a batch of one update sees and changes them.
struct VirtualTable: BatchRows {
    var store: VirtualStore
    let update: Int
    /// What the module saw, for a worker that does not look again.
    var remembered: [[DatabaseValue]]?

    func rows(after low: [DatabaseValue]?, to high: [DatabaseValue], limit: Int) -> [[DatabaseValue]] {
        let end = Optional(high).key ?? .max
        if let remembered {
            let start = low.key ?? .min
            return remembered.filter {
                ($0.first.flatMap(Int64.fromDatabaseValue)).map { $0 > start && $0 <= end } ?? false
            }
        }
        return self.store.rows(after: low, limit: limit).prefix { $0.key <= end }.map(\.columns)
    }

    func isEnd(_ cursor: [DatabaseValue]?) -> Bool { self.store.place(after: cursor.key) == self.store.rows.count }

    mutating func apply(_ change: RowChange) {
        guard case .insert(let fields) = change.action, fields.count == 2,
            let key = Int64.fromDatabaseValue(fields[0].value), let value = Int64.fromDatabaseValue(fields[1].value)
        else { return }
        self.mark(key, value)
    }

    mutating func mark(_ key: Int64, _ value: Int64) {
        let place = self.store.place(after: key) - 1
        guard place >= 0, self.store.rows[place].key == key else { return }
        self.store.rows[place].done[self.update] += 1
        self.store.rows[place].seen[self.update] = value
    }
}
