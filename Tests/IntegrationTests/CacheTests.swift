import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// Cached functions of two processes of one module, with a cache service that is a process as well.
    @Suite(.timeLimit(.minutes(3)))
    struct CacheTests {
        static let modules = """
              - module: directory
                run: ["directory-module"]
                instances: 2
                config: { file: users.json, users: { ada: engines } }
            """
        private static let path = "/_modules/directory/users/ada"

        @Test func oneLoadIsEnoughForTwoProcesses() async throws {
            try await TestPlatform.run(modules: Self.modules, extra: "cache: {}") { platform in
                try await Self.waitForPeers(platform)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<64 {
                        group.addTask {
                            let response = try await platform.get(Self.path)
                            #expect(response.json["department"] == "engines")
                        }
                    }
                    try await group.waitForAll()
                }
                let calls = try await platform.module("directory")["instances"]?.array?.map {
                    $0["calls"]?.integer ?? 0
                }
                #expect(calls?.count == 2)
                #expect(calls?.allSatisfy { $0 > 0 } == true, "one process answered everything: \(calls ?? [])")
                let function = try await Self.function(platform)
                #expect(function["leases"] == 1)
                #expect(function["entries"] == 1)
            }
        }

        @Test func anOperatorInvalidatesWhatIsCached() async throws {
            try await TestPlatform.run(modules: Self.modules, extra: "cache: {}") { platform in
                try await Self.waitForPeers(platform)
                #expect(try await platform.get(Self.path).json["department"] == "engines")
                // Behind the module's back, so that nobody has invalidated it.
                try #"{"ada":"sails"}"#.write(
                    to: platform.folder.appending(path: "users.json"),
                    atomically: true,
                    encoding: .utf8
                )
                #expect(try await platform.get(Self.path).json["department"] == "engines")
                let function = "directory.department_of_user"
                let (status, output) = try await platform.commandLine(["caches", "invalidate", function, "ada"])
                #expect(status == 0, "\(output)")
                try await eventually("every process sees the change", within: .seconds(2)) {
                    for _ in 0..<20 {
                        guard try await platform.get(Self.path).json["department"] == "sails" else { return false }
                    }
                    return true
                }
                let list = try await platform.commandLine(["caches", "list"])
                #expect(list.output.contains(function))
                let statistics = try await platform.commandLine(["caches", "statistics"])
                #expect(statistics.output.contains("invalidations"))
            }
        }

        @Test func withoutACacheSectionThereIsNoService() async throws {
            try await TestPlatform.run(modules: Self.modules) { platform in
                #expect(try platform.processIDs()["cache-service"] == nil)
                #expect(try await platform.get("/_ganglion/admin/v1/caches").status == 404)
                let changed = try await platform.send("POST", Self.path, body: #"{"department":"sails"}"#)
                #expect(changed.status == 200)
                #expect(try await platform.get(Self.path).json["department"] == "sails")
            }
        }

        /// Waits until both processes and the gateway are connected to the cache service, for without it values are loaded and not kept.
        static func waitForPeers(_ platform: TestPlatform) async throws {
            try await eventually("everybody has found the cache service", within: .seconds(10)) {
                let statistics = try await platform.get("/_ganglion/admin/v1/caches/statistics")
                return (statistics.json["peers"]?.integer ?? 0) >= 3
            }
        }

        private static func function(_ platform: TestPlatform) async throws -> JSONValue {
            let list = try await platform.get("/_ganglion/admin/v1/caches").json["functions"]?.array ?? []
            return list.first { $0["name"] == "directory.department_of_user" } ?? .null
        }
    }
}
