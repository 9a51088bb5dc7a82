import Logging
import MessageBus

@testable import BackgroundUpdates

/// A worker whose clock moves by itself.
enum WorkerFixture {
    static func worker(
        _ databases: [UpdateDatabase],
        owner: String = "here:0:worker",
        controller: any UpdateController = NoController(),
        mapper: any RowMapper = WordMapper(),
        clock: ManualClock = ManualClock()
    ) -> BackgroundUpdateWorker {
        BackgroundUpdateWorker(
            WorkerConfiguration(databases: databases),
            owner: owner,
            controller: controller,
            mapper: mapper,
            clock: clock,
            limits: WorkerLimits(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs a worker until a condition holds, which is asked whenever the worker rests.
    static func run(
        _ worker: BackgroundUpdateWorker,
        until condition: @escaping @Sendable () -> Bool
    ) async throws {
        guard let clock = worker.methods.clock as? ManualClock else { return }
        clock.whenAsleep { if condition() { worker.stop() } }
        try await worker.run()
    }
}

extension UpdateDatabase {
    /// The database of a test with the updates that are usual there.
    static func counting(_ database: TestDatabase, _ names: String...) throws -> Self {
        let handler = try Updates.counting()
        return Self(
            name: "main",
            path: database.path,
            updates: names.map { UpdateDeclaration(name: $0, work: .sql(handler)) }
        )
    }

    static func indexing(_ database: TestDatabase) -> Self {
        let rows = RowsDeclaration(
            keyset: Updates.notes,
            columns: ["body"],
            module: "search",
            writable: ["words"]
        )
        return Self(name: "main", path: database.path, updates: [UpdateDeclaration(name: "u", work: .rows(rows))])
    }
}
