import GRDB

@testable import BackgroundUpdates

/// The updates that most tests run.
enum Updates {
    static let notes = Keyset(table: "notes", columns: ["id"], condition: nil)

    /// Counts every row it meets, so that a row done twice shows.
    static func counting() throws -> SQLHandler {
        SQLHandler(keyset: Self.notes, statement: try RangeStatement("UPDATE notes SET seen = seen + 1 WHERE {range}"))
    }

    static func indexing(_ mapper: any RowMapper = WordMapper()) -> RowsHandler {
        RowsHandler(keyset: Self.notes, columns: ["body"], module: "search", writable: ["words"], mapper: mapper)
    }

    static func pace(_ size: Int, target: Double = 1e9) -> BatchPace {
        BatchPace(size: size, minimum: 1, target: target)
    }

    static func batch(
        _ store: UpdateStore,
        _ update: String,
        _ handler: any UpdateHandler,
        _ lease: Lease,
        size: Int = 100
    ) -> BatchContext {
        BatchContext(
            store: store,
            claim: BatchClaim(
                lease: lease,
                update: update,
                handler: handler.kind,
                pace: Self.pace(size),
                bounds: BatchSizer.Bounds()
            ),
            isCounted: false,
            keepLease: { try await store.renew(lease, for: update) },
            isStopping: { false }
        )
    }
}

/// One word for each row: what the search index of a test has.
struct WordMapper: RowMapper {
    /// Called with the rows before the answer, while nothing is locked.
    var whileThinking: @Sendable ([[DatabaseValue]]) async throws -> Void = { _ in }

    func changes(for question: RowsQuestion, writable: Set<String>) async throws -> RowChanges {
        try await self.whileThinking(question.rows)
        return RowChanges(
            changes: question.rows.map { row in
                RowChange(
                    table: "words",
                    action: .insert([.init(column: "note", value: row[0]), .init(column: "word", value: row[1])])
                )
            }
        )
    }
}

extension UpdateStore {
    /// The lease of a worker that nobody competes with.
    func lease(_ owner: String = "here:0:a", ttl: Duration = .seconds(10)) async throws -> Lease {
        guard case .granted(let lease) = try await self.acquire(owner: owner, for: ttl) else {
            throw BackgroundUpdatesError(.fenced, "the test's lease was not granted")
        }
        return lease
    }
}

extension Result where Failure == any Error {
    /// The code of the failure, if it is one of ours.
    var code: BackgroundUpdatesError.Code? {
        guard case .failure(let error) = self else { return nil }
        return (error as? BackgroundUpdatesError)?.code
    }
}

/// What an asynchronous piece of work came to.
func outcome<Value>(_ work: () async throws -> Value) async -> Result<Value, any Error> {
    do {
        return .success(try await work())
    } catch {
        return .failure(error)
    }
}
