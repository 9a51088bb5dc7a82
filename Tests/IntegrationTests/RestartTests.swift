import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// A platform that is stopped in the middle of its work and started again in the same folder.
    @Suite(.timeLimit(.minutes(1)))
    struct RestartTests {
        private static let users = "/_modules/directory/users"

        private static let modules = """
              - module: directory
                run: ["directory-module"]
                config: { file: "run/users.json", users: { ada: engines, alan: machines } }
            \(IndexedEvents.slowModules)
            """

        @Test func whatIsStoppedAndStartedAgainLosesNothing() async throws {
            let reference = try await Self.uninterruptedOutcome()
            try await Self.run { platform in
                let database = IndexedEvents(in: platform.folder)
                try await Self.changeUsers(on: platform)
                let token = try platform.token()
                try await eventually("some events are indexed", within: .seconds(20)) {
                    try database.indexed().count > 40
                }
                #expect(try await platform.stop().status == 0)
                let stopped = try database.cursors()
                #expect(try database.queuedCursor() == stopped.last)
                #expect(try database.indexed().count < reference.written.count)

                try await platform.startAgain { again in
                    #expect(try again.token() == token)
                    #expect(try await again.get("/_ganglion/admin/v1/status").status == 200)
                    try await Self.expectChangedUsers(on: again)
                    try await Self.waitForEnd(of: database)
                    try Self.expectContinuation(of: stopped, in: database)
                    #expect(try database.outcome() == reference)
                }
            }
        }
    }
}

// MARK: - Runs

extension IntegrationTests.RestartTests {
    private static func run(_ body: (TestPlatform) async throws -> Void) async throws {
        try await TestPlatform.run(
            modules: Self.modules,
            extra: "cache: {}\n\(IndexedEvents.databases(where: "type = 'm.room.message'"))",
            preparing: IndexedEvents.importSample,
            body
        )
    }

    /// What the update leaves behind when nothing happens meanwhile.
    private static func uninterruptedOutcome() async throws -> IndexedEvents.Outcome {
        var outcome: IndexedEvents.Outcome?
        try await Self.run { platform in
            let database = IndexedEvents(in: platform.folder)
            try await Self.waitForEnd(of: database)
            #expect(try database.outcome().written == database.expected())
            outcome = try database.outcome()
        }
        return try #require(outcome)
    }

    private static func waitForEnd(of database: IndexedEvents) async throws {
        try await eventually("the update is done", within: .seconds(25)) { try database.isDone() }
    }

    /// An update that began anew would go back behind what it had committed.
    private static func expectContinuation(of stopped: [Int], in database: IndexedEvents) throws {
        let cursors = try database.cursors()
        #expect(cursors.starts(with: stopped))
        #expect(cursors.count > stopped.count)
        #expect(zip(cursors, cursors.dropFirst()).allSatisfy { $0 < $1 }, "a batch began before the last commit")
    }
}

// MARK: - Users

extension IntegrationTests.RestartTests {
    /// Moves one of the users that the configuration has and takes a new one up; the cache has seen the first one before.
    private static func changeUsers(on platform: TestPlatform) async throws {
        #expect(try await platform.get("\(Self.users)/ada").json["department"] == "engines")
        let moved = try await platform.send("POST", "\(Self.users)/ada", body: #"{"department":"poetry"}"#)
        #expect(moved.status == 200)
        let created = try await platform.send("POST", "\(Self.users)/grace", body: #"{"department":"compilers"}"#)
        #expect(created.status == 201)
    }

    private static func expectChangedUsers(on platform: TestPlatform) async throws {
        for (user, department) in ["ada": "poetry", "grace": "compilers", "alan": "machines"] {
            let response = try await platform.get("\(Self.users)/\(user)")
            #expect(response.json == ["user": .string(user), "department": .string(department)])
        }
    }
}
