internal import GRDB

/// The right to work on one database.
///
/// Each change of owner raises the epoch, and every transaction of a worker begins by finding its own epoch in the database. A worker
/// that was paused and comes back after another one took over therefore cannot commit, whatever its clock says.
package struct Lease: Hashable, Sendable {
    package let owner: String
    package let epoch: Int64
    /// How long it lasts from each transaction on.
    ///
    /// That is liveness only: when another worker may try.
    package let ttl: Duration

    package init(owner: String, epoch: Int64, ttl: Duration) {
        self.owner = owner
        self.epoch = epoch
        self.ttl = ttl
    }
}

/// What became of the attempt to take a database over.
package enum LeaseAnswer: Hashable, Sendable {
    case granted(Lease)
    /// Another worker holds it, and may until then.
    case held(owner: String, until: WallTime)
    /// An operator has stopped all updates.
    case disabled
}

/// The row of the control table.
package struct Control: Hashable, Sendable {
    package var isEnabled = true
    package var epoch: Int64 = 0
    package var owner = ""
    package var until = WallTime(milliseconds: 0)
    /// The update that the owner works on.
    package var current = ""
    /// Whether the owner is known to have ended without giving the database back.
    package var isOwnerGone = false

    package init(
        isEnabled: Bool = true,
        epoch: Int64 = 0,
        owner: String = "",
        until: WallTime = WallTime(milliseconds: 0),
        current: String = "",
        isOwnerGone: Bool = false
    ) {
        self.isEnabled = isEnabled
        self.epoch = epoch
        self.owner = owner
        self.until = until
        self.current = current
        self.isOwnerGone = isOwnerGone
    }
}

extension Control {
    /// A lease that claims to last longer than this was dated by a clock that has jumped.
    private static let ttlMax = Duration.seconds(3600)

    /// Whether somebody other than `owner` works on the database, as far as the clock can tell.
    package func isHeld(against owner: String, at now: WallTime) -> Bool {
        self.isHeld(at: now) && self.owner != owner
    }

    /// Whether somebody works on the database, as far as the clock can tell.
    package func isHeld(at now: WallTime) -> Bool {
        !self.owner.isEmpty && self.until > now && self.until < now + Self.ttlMax && !self.isOwnerGone
    }

    /// Takes the database over when nobody else holds it.
    package mutating func acquire(owner: String, at now: WallTime, for ttl: Duration) -> LeaseAnswer {
        guard self.isEnabled else { return .disabled }
        guard !self.isHeld(against: owner, at: now) else { return .held(owner: self.owner, until: self.until) }
        if self.owner != owner { self.epoch += 1 }
        self.owner = owner
        self.until = now + ttl
        return .granted(Lease(owner: owner, epoch: self.epoch, ttl: ttl))
    }

    /// Finds a lease, prolongs it and says what it is used for: every transaction of a worker begins with this.
    ///
    /// - Throws: ``BackgroundUpdatesError/Code/fenced`` when it is not there any more.
    package mutating func assert(
        _ lease: Lease,
        for update: String,
        at now: WallTime
    ) throws(BackgroundUpdatesError) {
        guard self.isEnabled, self.owner == lease.owner, self.epoch == lease.epoch else {
            let reason = self.isEnabled ? "another worker took the database over" : "updates were disabled"
            throw BackgroundUpdatesError(.fenced, "\(reason); nothing of this batch was written")
        }
        self.until = now + lease.ttl
        self.current = update
    }

    /// Gives the database back; without effect when somebody else has it.
    package mutating func release(_ lease: Lease) {
        guard self.owner == lease.owner, self.epoch == lease.epoch else { return }
        self.owner = ""
        self.until = WallTime(milliseconds: 0)
        self.current = ""
    }
}

// MARK: In the database

extension Control {
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

    /// Changes it within a transaction that has the write lock, so that nobody changes it in between.
    static func change<Value>(_ db: Database, _ body: (inout Self) throws -> Value) throws -> Value {
        let before = try Self.fetch(db)
        var control = before
        let value = try body(&control)
        guard control != before else { return value }
        try db.execute(
            sql: """
                UPDATE \(WorkerTables.control) SET owner = ?, epoch = ?, until_ms = ?, current_update = ? WHERE id = 1
                """,
            arguments: [control.owner, control.epoch, control.until.milliseconds, control.current]
        )
        return value
    }
}
