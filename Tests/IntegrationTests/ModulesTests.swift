import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// The example modules on a whole platform.
    @Suite(.timeLimit(.minutes(2)))
    struct ModulesTests {
        static let modules = """
              - module: directory
                run: ["directory-module"]
                config: { users: { "@alice:example.com": engineering } }
              - module: link-guard
                run: ["link-guard-module"]
                config: { blocked_domains: ["bad.example"], blocked_words: ["casino"], blocked_users: ["*:evil.example"] }
            """

        @Test func theDirectoryIsServedOverHTTP() async throws {
            try await TestPlatform.run(modules: Self.modules) { platform in
                let path = "/_modules/directory/users/"
                let alice = try await platform.get(path + "%40alice%3Aexample.com")
                #expect(alice.status == 200)
                #expect(alice.json == ["user": "@alice:example.com", "department": "engineering"])
                #expect(alice.headers["content-type"] == "application/json")
                #expect(try await platform.get(path + "bob").status == 404)
                let created = try await platform.send("POST", path + "bob", body: #"{"department":"sales"}"#)
                #expect(created.status == 201)
                #expect(try await platform.get(path + "bob").json["department"] == "sales")
                let head = try await platform.send("HEAD", path + "bob")
                #expect(head.status == 200 && head.body.isEmpty)
                let deleted = try await platform.send("DELETE", path + "bob")
                #expect(deleted.status == 405)
                #expect(deleted.headers["allow"]?.contains("POST") == true)
            }
        }

        @Test func theLinkGuardDecidesOverHTTP() async throws {
            try await TestPlatform.run(modules: Self.modules) { platform in
                let event: JSONValue = [
                    "event": ["type": "m.room.message", "content": ["body": "see https://x.bad.example/"]]
                ]
                let rejected = try await platform.ask("spam_checker", "check_event_for_spam", event)
                #expect(rejected.status == 200)
                #expect(rejected.json["outcome"] == "answer")
                #expect(rejected.json["result"] == "M_FORBIDDEN")
                #expect(rejected.json["decided_by"] == "link-guard")
                #expect(rejected.json["steps"]?.array?.count == 1)
                let allowed = try await platform.ask(
                    "spam_checker",
                    "check_event_for_spam",
                    ["event": ["content": [:]]]
                )
                #expect(allowed.json["outcome"] == "continue")
                #expect(allowed.json["result"] == "NOT_SPAM")
                let nobody = try await platform.ask("spam_checker", "user_may_create_room", ["user_id": "@a:b"])
                #expect(nobody.json["outcome"] == "none_registered")
                let unknown = try await platform.ask("spam_checker", "no_such_callback", [:])
                #expect(unknown.status == 404)
            }
        }

        @Test func aBodyOverTheLimitIsRefused() async throws {
            try await TestPlatform.run(modules: Self.modules) { platform in
                let body = Payload([UInt8](repeating: 32, count: 300 << 10))
                let response = try await platform.send("POST", "/_modules/directory/users/bob", body: body)
                #expect(response.status == 413)
            }
        }

        @Test func ctrlCEndsEverythingAndLeavesNothing() async throws {
            let extra = "cache: {}\ndatabases: { main: { sqlite: run/data/main.db } }"
            try await TestPlatform.run(modules: Self.modules, extra: extra) { platform in
                let ids = try platform.processIDs()
                let services = ["background-update-worker", "cache-service", "callback-dispatcher", "gateway"]
                #expect(Set(ids.keys) == Set(services + ["directory", "link-guard"]))
                let (status, duration) = try await platform.stop()
                #expect(status == 0)
                #expect(duration < .seconds(5))
                for (name, id) in ids {
                    #expect(kill(id, 0) != 0, "\(name) is still there")
                }
                for socket in ["bus.sock", "cache.sock"] {
                    let path = platform.folder.appending(path: "run/\(socket)").path
                    #expect(!FileManager.default.fileExists(atPath: path))
                }
            }
        }
    }
}
