internal import GRDB

/// The right to work on one database.
///
/// Each change of owner raises the epoch, and every transaction of a worker begins by finding its own epoch in the database. A worker
/// that was paused and comes back after another one took over therefore cannot commit, whatever its clock says.
struct Lease: Hashable, Sendable {
    let owner: String
    let epoch: Int64
    /// How long it lasts from each transaction on.
    ///
    /// That is liveness only: when another worker may try.
    let ttl: Duration
}

/// What became of the attempt to take a database over.
enum LeaseAnswer: Hashable, Sendable {
    case granted(Lease)
    /// Another worker holds it, and may until then.
    case held(owner: String, until: WallTime)
    /// An operator has stopped all updates.
    case disabled
}

/// The row of the control table.
struct Control: Hashable, Sendable {
    var isEnabled = true
    var epoch: Int64 = 0
    var owner = ""
    var until = WallTime(milliseconds: 0)
    /// The update that the owner works on.
    var current = ""
    /// Whether the owner is known to have ended without giving the database back.
    var isOwnerGone = false
}

extension Control {
    /// A lease that claims to last longer than this was dated by a clock that has jumped.
    private static let ttlMax = Duration.seconds(3600)

    static func fetch(_ db: Database) throws -> Self {
        guard try WorkerTables.exist(db),
            let row = try Row.fetchOne(db, sql: "SELECT * FROM \(WorkerTables.control) WHERE id = 1")
        else {
            return Self()
        }
        let owner: String = row["owner"]
        return Self(
            isEnabled: row["enabled"],
            epoch: row["epoch"],
            owner: owner,
            until: WallTime(milliseconds: row["until_ms"]),
            current: row["current_update"],
            isOwnerGone: LeaseOwner.isGone(owner)
        )
    }

    /// Whether somebody other than `owner` works on the database, as far as the clock can tell.
    func isHeld(against owner: String, at now: WallTime) -> Bool {
        self.isHeld(at: now) && self.owner != owner
    }

    /// Whether somebody works on the database, as far as the clock can tell.
    func isHeld(at now: WallTime) -> Bool {
        !self.owner.isEmpty && self.until > now && self.until < now + Self.ttlMax && !self.isOwnerGone
    }

    /// Takes the database over when nobody else holds it.
    static func acquire(
        owner: String,
        at now: WallTime,
        for ttl: Duration,
        _ db: Database
    ) throws -> LeaseAnswer {
        let control = try Self.fetch(db)
        guard control.isEnabled else { return .disabled }
        guard !control.isHeld(against: owner, at: now) else {
            return .held(owner: control.owner, until: control.until)
        }
        let epoch = control.owner == owner ? control.epoch : control.epoch + 1
        try db.execute(
            sql: "UPDATE \(WorkerTables.control) SET owner = ?, epoch = ?, until_ms = ? WHERE id = 1",
            arguments: [owner, epoch, (now + ttl).milliseconds]
        )
        return .granted(Lease(owner: owner, epoch: epoch, ttl: ttl))
    }
}

extension Lease {
    /// Finds this lease in the database, prolongs it and says what it is used for.
    ///
    /// - Throws: ``BackgroundUpdatesError/Code/fenced`` when it is not there any more.
    func assert(for update: String, at now: WallTime, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE \(WorkerTables.control) SET until_ms = ?, current_update = ?
                WHERE id = 1 AND epoch = ? AND owner = ? AND enabled = 1
                """,
            arguments: [(now + self.ttl).milliseconds, update, self.epoch, self.owner]
        )
        guard db.changesCount == 1 else {
            let isEnabled = try Control.fetch(db).isEnabled
            let reason = isEnabled ? "another worker took the database over" : "updates were disabled"
            throw BackgroundUpdatesError(.fenced, "\(reason); nothing of this batch was written")
        }
    }

    /// Gives the database back.
    func release(_ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE \(WorkerTables.control) SET until_ms = 0, owner = '', current_update = ''
                WHERE id = 1 AND epoch = ? AND owner = ?
                """,
            arguments: [self.epoch, self.owner]
        )
    }
}
