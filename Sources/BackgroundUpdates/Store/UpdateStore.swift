internal import Foundation
internal import GRDB
internal import Synchronization

/// One SQLite database with a queue of updates.
///
/// Looking opens it read-only. A connection that can write is opened when an update is about to run, or when an operator changes
/// something.
final class UpdateStore: Sendable {
    /// How long a transaction waits for the write lock before it is given up.
    private static let lockWaitMax: TimeInterval = 1

    /// The name under which the configuration has it.
    let name: String
    let path: String
    let clock: any WorkerClock
    /// Called before each step of a batch's transaction, so that tests can end the world there.
    let probe: (@Sendable (BatchStep) throws -> Void)?
    private let connections = Mutex(Connections())

    private struct Connections {
        var reader: DatabaseQueue?
        var writer: DatabaseQueue?
    }

    init(
        name: String,
        path: String,
        clock: any WorkerClock = SystemClock(),
        probe: (@Sendable (BatchStep) throws -> Void)? = nil
    ) {
        self.name = name
        self.path = path
        self.clock = clock
        self.probe = probe
    }

    // MARK: Looking

    /// What is queued, and how it does.
    func view() async throws -> QueueView {
        try await self.read { try QueueView.fetch($0) }
    }

    /// Reads, and changes nothing.
    func read<Value: Sendable>(_ work: @Sendable (Database) throws -> Value) async throws -> Value {
        let reader = try self.open(\.reader, isReadOnly: true)
        return try await Self.translatingErrors { try await reader.read(work) }
    }

    // MARK: Changing

    /// Takes the database over for a worker, when nobody else holds it.
    func acquire(owner: String, for ttl: Duration) async throws -> LeaseAnswer {
        let now = self.clock.wallTime()
        return try await self.write { db in
            try WorkerTables.create(db)
            return try Control.change(db) { $0.acquire(owner: owner, at: now, for: ttl) }
        }
    }

    /// Prolongs a lease while something lasts long outside of a transaction.
    func renew(_ lease: Lease, for update: String) async throws {
        let now = self.clock.wallTime()
        try await self.write { db in
            try Control.change(db) { try $0.assert(lease, for: update, at: now) }
        }
    }

    /// Gives the database back, so that another worker need not wait for the lease to end.
    func release(_ lease: Lease) async throws {
        try await self.write { db in
            try Control.change(db) { $0.release(lease) }
        }
    }

    /// Changes something in one transaction that has the write lock from its beginning.
    ///
    /// A transaction that reads first and writes later can be refused by SQLite whatever the time it may wait.
    func write<Value: Sendable>(_ work: @Sendable (Database) throws -> Value) async throws -> Value {
        let writer = try self.open(\.writer, isReadOnly: false)
        return try await Self.translatingErrors {
            try await writer.writeWithoutTransaction { db in
                var value: Value?
                try db.inTransaction(.immediate) {
                    value = try work(db)
                    return .commit
                }
                guard let value else { throw BackgroundUpdatesError(.failed, "the transaction had no result") }
                return value
            }
        }
    }

    /// The connection that writes, for whoever counts the time until its transaction begins.
    func writer() throws -> DatabaseQueue {
        try self.open(\.writer, isReadOnly: false)
    }

    // MARK: Connections

    private func open(
        _ place: sending WritableKeyPath<Connections, DatabaseQueue?>,
        isReadOnly: Bool
    ) throws -> DatabaseQueue {
        try self.connections.withLock { connections in
            if let queue = connections[keyPath: place] { return queue }
            // SQLite would make an empty database of any path that it may write to.
            guard FileManager.default.fileExists(atPath: self.path) else {
                throw BackgroundUpdatesError(.unavailable, "there is no database at \(self.path) yet")
            }
            var configuration = Configuration()
            configuration.readonly = isReadOnly
            configuration.label = "ganglion.\(self.name).\(isReadOnly ? "reader" : "writer")"
            configuration.busyMode = .timeout(Self.lockWaitMax)
            let queue = try DatabaseQueue(path: self.path, configuration: configuration)
            connections[keyPath: place] = queue
            return queue
        }
    }

    static func translatingErrors<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
        {
            throw BackgroundUpdatesError(.busy, "somebody else holds the database's lock")
        }
    }
}
