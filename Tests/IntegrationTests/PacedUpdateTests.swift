import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// The sample's events indexed by one module and paced by another: all of them processes of their own.
    @Suite(.timeLimit(.minutes(3)))
    struct PacedUpdateTests {
        private static let modules = """
              - module: pacer
                run: ["pacer-module"]
                config: { duration_ms: 200, sleep_ms: 100, default_batch_size: 5, min_batch_size: 5 }
              - module: second-pacer
                run: ["pacer-module"]
              - module: search-index
                run: ["search-index-module"]
            """

        @Test func everyEventIsIndexedOnceWhateverBecomesOfTheController() async throws {
            try await Self.run(Self.modules) { platform, database in
                try await Self.secondControllerIsNotAsked(platform)
                let before = try await Self.killControllerWithinAScope(platform, database)
                try await eventually("the controller is back", within: .seconds(20)) {
                    guard let now = try platform.processIDs()["pacer"], now != before else { return false }
                    return try await platform.module("pacer")["state"] == "ready"
                }
                try await Self.waitForEnd(platform, database)
                try await Self.secondControllerIsToldWhenItComesSecond(platform)
            }
        }

        /// A pacer that can be started once only.
        private static let mortal = """
              - module: pacer
                run: ["/bin/sh", "-c", 'mkdir begun && exec "$0" "$@"', "\(Executables.path(of: "pacer-module"))"]
                config: { duration_ms: 200, sleep_ms: 100, default_batch_size: 5, min_batch_size: 5 }
              - module: search-index
                run: ["search-index-module"]
            """

        @Test func aControllerThatDiesWithinABatchAndStaysAwayDoesNotStopTheUpdate() async throws {
            try await Self.run(Self.mortal) { platform, database in
                try await Self.killControllerWithinAScope(platform, database)
                let before = try database.cursors().count
                // Not to its end, which takes as many seconds as there are batches by default.
                try await eventually("batches go on", within: .seconds(60)) {
                    try database.cursors().count >= before + 3 || database.isDone()
                }
                #expect(try await platform.module("pacer")["state"] != "ready")
                let indexed = try database.indexed()
                #expect(Set(indexed).count == indexed.count)
            }
        }

        private static func waitForEnd(_ platform: TestPlatform, _ database: IndexedEvents) async throws {
            try await eventually("the update is done", within: .seconds(90)) { try database.isDone() }
            #expect(try database.indexed() == database.expected())
            #expect(try database.expected().count > 50)
            // The last batch is left after it was committed.
            try await eventually("the last scope is left", within: .seconds(10)) {
                try await Self.scopes(platform, "open") == 0
            }
        }

        private static func secondControllerIsNotAsked(_ platform: TestPlatform) async throws {
            try await eventually("both controllers are there", within: .seconds(10)) {
                let first = try await platform.module("pacer")["state"]
                let second = try await platform.module("second-pacer")["state"]
                return first == "ready" && second == "ready"
            }
            let second = try await platform.module("second-pacer")
            let warnings = second["warnings"]?.array ?? []
            #expect(warnings.contains { $0["code"] == "callback_taken" }, "\(warnings)")
            #expect(second["callbacks"] == [])
            #expect(try await platform.module("pacer")["state"] == "ready")
            // The operator is told whoever came first.
            let status = try await platform.commandLine(["status"])
            #expect(status.output.contains("only 'pacer' is asked"))
        }

        /// A module is told at its registration: here it registers again, while the one that is asked is there.
        private static func secondControllerIsToldWhenItComesSecond(_ platform: TestPlatform) async throws {
            try platform.signal("second-pacer", SIGKILL)
            let log = platform.folder.appending(path: "run/log/second-pacer.log")
            try await eventually("the module says that it is not asked", within: .seconds(10)) {
                try String(contentsOf: log, encoding: .utf8).contains("only 'pacer' is asked")
            }
        }

        /// The controller dies while a batch is in hand, which a mapper that is stopped sees to.
        ///
        /// - Returns: The process it was.
        @discardableResult
        private static func killControllerWithinAScope(
            _ platform: TestPlatform,
            _ database: IndexedEvents
        ) async throws -> Int32 {
            try await eventually("a batch is done", within: .seconds(20)) { try database.indexed().count > 5 }
            try platform.signal("search-index", SIGSTOP)
            try await eventually("a batch is in hand", within: .seconds(10)) {
                try await Self.scopes(platform, "open") == 1
            }
            let before = try platform.signal("pacer", SIGKILL)
            try await eventually("the scope is gone with its module", within: .seconds(10)) {
                try await Self.scopes(platform, "open") == 0
            }
            #expect(try !database.isDone())
            try platform.signal("search-index", SIGCONT)
            return before
        }

        private static func scopes(_ platform: TestPlatform, _ what: String) async throws -> Int64 {
            let status = try await platform.get("/_ganglion/admin/v1/status").json
            return status["scopes"]?[what]?.integer ?? -1
        }

        private static func run(
            _ modules: String,
            _ body: (TestPlatform, IndexedEvents) async throws -> Void
        ) async throws {
            try await TestPlatform.run(
                modules: modules,
                extra: IndexedEvents.databases(),
                preparing: IndexedEvents.importSample,
                waitingFor: .gateway
            ) { platform in
                try await body(platform, IndexedEvents(in: platform.folder))
            }
        }
    }
}
