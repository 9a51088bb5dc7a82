internal import GRDB

/// What one look at a database shows.
package struct QueueView: Hashable, Sendable {
    /// In the order in which they may run, as far as they depend on one another.
    package var pending: [PendingUpdate] = []
    /// What the worker knows about the pending ones.
    package var states: [String: UpdateState] = [:]
    package var control = Control()

    package init(pending: [PendingUpdate] = [], states: [String: UpdateState] = [:], control: Control = Control()) {
        self.pending = pending
        self.states = states
        self.control = control
    }

    /// More than any homeserver has; the rest is looked at when these are done.
    private static let pendingMax = 10_000

    static func fetch(_ db: Database) throws -> Self {
        var view = Self()
        guard try db.hasTable("background_updates") else { return view }
        view.pending = try Row.fetchAll(
            db,
            sql: """
                SELECT update_name, progress_json, depends_on, ordering FROM background_updates
                ORDER BY ordering, update_name LIMIT \(Self.pendingMax)
                """
        ).map(PendingUpdate.init)
        guard try WorkerTables.exist(db) else { return view }
        view.control = try Control.fetch(db)
        let names = Set(view.pending.map(\.name))
        view.states = try UpdateState.fetchAll(db).filter { names.contains($0.key) && $0.value.standing != .finished }
        return view
    }
}

extension PendingUpdate {
    init(_ row: Row) {
        self.init(
            name: row["update_name"],
            progress: row["progress_json"],
            dependsOn: row["depends_on"],
            ordering: row["ordering"]
        )
        if self.dependsOn?.isEmpty == true { self.dependsOn = nil }
    }

    static func fetch(_ name: String, _ db: Database) throws -> Self? {
        try Row.fetchOne(
            db,
            sql:
                "SELECT update_name, progress_json, depends_on, ordering FROM background_updates WHERE update_name = ?",
            arguments: [name]
        ).map(Self.init)
    }
}
