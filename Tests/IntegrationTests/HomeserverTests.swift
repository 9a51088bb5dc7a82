import Foundation
import GRDB
import Testing
import WireProtocol

extension IntegrationTests {
    /// The database of a real homeserver, looked at through the whole platform.
    ///
    /// It is too large for the repository: `GANGLION_TEST_DATA` names the folder it is in.
    @Suite(.timeLimit(.minutes(2)))
    struct HomeserverTests {
        private static let packed: URL? = {
            guard let folder = ProcessInfo.processInfo.environment["GANGLION_TEST_DATA"] else { return nil }
            let file = URL(filePath: folder).appending(path: "matrix/homeserver.db.xz")
            return FileManager.default.fileExists(atPath: file.path) ? file : nil
        }()

        @Test(.enabled(if: Self.packed != nil), arguments: ["/_ganglion", "/_synapse"])
        func itsQueueIsShownAndNothingInItChanges(root: String) async throws {
            try await TestPlatform.run(
                modules: IntegrationTests.ModulesTests.modules,
                extra: "databases: { master: { sqlite: homeserver.db } }",
                preparing: Self.unpack
            ) { platform in
                let file = platform.folder.appending(path: "homeserver.db")
                let before = try Data(contentsOf: file)
                let path = "\(root)/admin/v1/background_updates"
                try await eventually("a worker answers", within: .seconds(10)) {
                    try await platform.get("\(path)/status").status == 200
                }
                let status = try await platform.get("\(path)/status").json
                #expect(status["enabled"] == true)
                #expect(status["current_updates"] == [:])
                let queue = status["databases"]?["master"]
                #expect(queue?["pending_count"] == 56)
                #expect(queue?["reason"] == "none of 56 pending updates can run: 56 no_handler")
                let updates = try await platform.get(path).json["updates"]?.array ?? []
                #expect(updates.count == 56)
                #expect(updates.first?["update_name"] == "receipts_graph_unique_index")
                #expect(updates.allSatisfy { $0["standing"] == "no_handler" })
                #expect(try await platform.get("\(path)/enabled").json == ["enabled": true])
                let job = try await platform.send("POST", "\(path)/start_job", body: #"{"job_name":"nonsense"}"#)
                #expect(job.status == 400)
                #expect(job.json["error"] == "Invalid job_name")
                let table = try await platform.commandLine(["updates", "list"])
                #expect(table.status == 0)
                #expect(table.output.contains("receipts_graph_unique_index"))
                #expect(try Data(contentsOf: file) == before)
            }
        }

        /// One of the updates in its queue, declared.
        struct Declaration: Sendable, CustomTestStringConvertible {
            let update: String
            let declaration: String
            /// Takes back what the homeserver has done of it already.
            var preparation = ""
            var changedTables: Set<String> = []
            var addedIndices: Set<String> = []
            var testDescription: String { self.update }
        }

        @Test(
            .enabled(if: Self.packed != nil),
            arguments: [
                Declaration(
                    update: "events_received_ts_index",
                    declaration: "index: { name: events_received_ts_idx, table: events, columns: [received_ts] }",
                    addedIndices: ["events_received_ts_idx"]
                ),
                Declaration(
                    update: "populate_full_user_id_profiles",
                    declaration: """
                        sql: { table: profiles, key: [user_id], where: "full_user_id IS NULL", statement: "\
                        UPDATE profiles SET full_user_id = '@' || user_id || ':demo.local' WHERE {range} AND full_user_id IS NULL" }
                        """,
                    preparation: "UPDATE profiles SET full_user_id = NULL",
                    changedTables: ["profiles"]
                ),
            ]
        )
        func anUpdateThatIsDeclaredChangesWhatItIsAboutAndNothingElse(declared: Declaration) async throws {
            var unpacked: DatabaseContents?
            var before: DatabaseContents?
            func prepare(_ folder: URL) throws {
                try Self.unpack(into: folder)
                let file = folder.appending(path: "homeserver.db")
                unpacked = try DatabaseContents(of: file)
                try DatabaseQueue(path: file.path).write { try $0.execute(sql: declared.preparation) }
                before = try DatabaseContents(of: file)
            }
            try await TestPlatform.run(
                modules: IntegrationTests.ModulesTests.modules,
                extra: """
                    databases:
                      master:
                        sqlite: homeserver.db
                        updates:
                          \(declared.update):
                            \(declared.declaration)
                    """,
                preparing: prepare
            ) { platform in
                let path = "/_ganglion/admin/v1/background_updates/status"
                try await eventually("one update is done", within: .seconds(20)) {
                    try await platform.get(path).json["databases"]?["master"]?["pending_count"] == 55
                }
                let before = try #require(before)
                let after = try DatabaseContents(of: platform.folder.appending(path: "homeserver.db"))
                #expect(after.tablesChanged(since: before) == declared.changedTables.union(["background_updates"]))
                #expect(try after.tablesChanged(since: #require(unpacked)) == ["background_updates"])
                #expect(before.schema.isSubset(of: after.schema))
                #expect(after.schemaAdded(since: before) == declared.addedIndices)
                #expect(after.tablesAdded(since: before).allSatisfy { $0.hasPrefix("ganglion_update_") })
                let name = declared.update.databaseValue
                let rest = before.rows["background_updates"]?.filter { $0.first != name }
                #expect(rest?.count == 55)
                #expect(after.rows["background_updates"] == rest)
            }
        }

        private static func unpack(into folder: URL) throws {
            guard let packed = Self.packed else { return }
            let file = folder.appending(path: "homeserver.db")
            try Data().write(to: file)
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["xz", "--decompress", "--stdout", packed.path]
            process.standardOutput = try FileHandle(forWritingTo: file)
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }
}
