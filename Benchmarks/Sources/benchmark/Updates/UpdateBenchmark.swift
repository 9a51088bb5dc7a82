import Foundation

/// Background updates of a worker against the same work without one, on the same SQLite file.
struct UpdateBenchmark: Measuring {
    private let platform: Platform
    private let endpoint: String
    private let database: EventDatabase
    /// How many rows the worker's batches had: those of the process alone have as many.
    private let batches: [Int]

    init(_ options: Options, _ programs: Programs, _ folder: BenchmarkFolder) throws {
        self.database = try EventDatabase(folder.path("events.db"), options, programs)
        let configuration = try folder.platform(
            "updates",
            modules: ["pacing", "search-index"],
            sections: self.database.declarations
        )
        self.platform = Platform(options, programs)
        self.endpoint = try self.platform.startDispatcher(configuration)
        _ = try self.platform.startModule("search-index-module", as: "search-index", on: self.endpoint)
        try self.platform.startModule("pacing-module", as: "pacing", on: self.endpoint).waitUntilReady()
        try self.platform.startUpdateWorker(configuration)
        // The first runs are warm-up.
        _ = try Self.runUpdate(.sql, self.platform, self.database, self.endpoint)
        let rows = try Self.runUpdate(.rows, self.platform, self.database, self.endpoint)
        self.batches = rows.batches ?? []
    }

    private static func runUpdate(
        _ update: EventDatabase.Update,
        _ platform: Platform,
        _ database: EventDatabase,
        _ endpoint: String
    ) throws -> LoadSummary {
        try database.reset()
        let summary = try platform.measure("pacing/measure", "{\"update\":\"\(update.rawValue)\"}", over: endpoint)
        try database.check(update, summary)
        return summary
    }

    func measure(round: Int, into table: inout Measurements) throws {
        let subjects: [Subject] = [.plainStatement, .sqlUpdate, .rowsAlone, .rowsUpdate]
        for subject in round % 2 == 1 ? subjects : subjects.reversed() {
            table.add(try self.run(subject).sample, of: subject, load: 1)
        }
    }

    private func run(_ subject: Subject) throws -> LoadSummary {
        switch subject {
        case .plainStatement:
            try self.database.reset()
            let summary = try self.database.runStatement()
            try self.database.check(.sql, summary)
            return summary
        case .rowsAlone:
            try self.database.reset()
            let summary = try self.database.indexEvents(batches: self.batches)
            try self.database.check(.rows, summary)
            return summary
        default:
            let update: EventDatabase.Update = subject == .sqlUpdate ? .sql : .rows
            return try Self.runUpdate(update, self.platform, self.database, self.endpoint)
        }
    }
}
