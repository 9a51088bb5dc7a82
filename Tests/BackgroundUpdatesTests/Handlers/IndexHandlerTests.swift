import Testing

@testable import BackgroundUpdates

struct IndexHandlerTests {
    private let database: TestDatabase
    private let store: UpdateStore

    init() throws {
        self.database = try TestDatabase()
        self.store = UpdateStore(name: "main", path: self.database.path)
        try self.database.fill(10)
        try self.database.enqueue("u")
    }

    private func run(_ handler: IndexHandler) async throws -> BatchReport {
        try await handler.check(self.store)
        let lease = try await self.store.lease()
        return try await handler.run(Updates.batch(self.store, "u", handler, lease))
    }

    private func indexes() throws -> [String] {
        try self.database.strings(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'notes' ORDER BY 1"
        )
    }

    @Test(arguments: [false, true])
    func anIndexIsMadeInOneGoAndReplacesAnother(isThereAlready: Bool) async throws {
        try self.database.execute("CREATE INDEX old ON notes (seen)")
        if isThereAlready { try self.database.execute("CREATE INDEX new ON notes (seen, body)") }
        let report = try await self.run(
            IndexHandler(
                name: "new",
                table: "notes",
                columns: ["seen", "body"],
                condition: "seen > 0",
                replaced: "old"
            )
        )
        #expect(report.isFinished)
        #expect(try self.indexes() == ["new"])
        #expect(try self.database.integer("SELECT count(*) FROM background_updates") == 0)
    }

    @Test func aUniqueIndexThatCannotBeIsAFailureThatChangesNothing() async throws {
        try self.database.execute("CREATE INDEX old ON notes (seen)")
        let handler = IndexHandler(name: "new", table: "notes", columns: ["seen"], isUnique: true, replaced: "old")
        let result = await outcome { try await self.run(handler) }
        #expect(throws: (any Error).self) { try result.get() }
        #expect(try self.indexes() == ["old"])
        #expect(try self.database.integer("SELECT count(*) FROM background_updates") == 1)
    }

    @Test func aTableThatIsNotThereSaysSo() async throws {
        let result = await outcome { try await self.run(IndexHandler(name: "i", table: "nix", columns: ["a"])) }
        #expect(result.code == .invalidDeclaration)
    }
}
