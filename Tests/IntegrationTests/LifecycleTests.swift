import Foundation
import MessageBus
import Testing
import WireProtocol

extension IntegrationTests {
    /// What modules need before they are asked, and how the table comes back.
    @Suite(.timeLimit(.minutes(2)))
    struct LifecycleTests {
        private static let modules = """
              - module: needy
              - module: needed
            """
        private static let invite: JSONValue = ["inviter": "@a:b", "invitee": "@c:d", "room_id": "!r:b"]

        private static func needy(on platform: TestPlatform) async throws -> TestModule {
            let manifest = Manifest(
                callbacks: [CallbackClaim(category: "spam_checker", name: "user_may_invite")],
                requires: [RequirementClaim(module: "needed", method: "look_up")]
            )
            return try await TestModule.join(platform, as: "needy", manifest) { _ in
                BusReply(status: .answer, body: "\"M_FORBIDDEN\"")
            }
        }

        private static func wait(for state: String, of id: String, on platform: TestPlatform) async throws {
            try await eventually("\(id) is \(state)", within: .seconds(10)) {
                try await platform.module(id)["state"]?.string == state
            }
        }

        @Test func aModuleIsAskedWhenWhatItRequiresIsThere() async throws {
            try await TestPlatform.run(modules: Self.modules, waitingFor: .gateway) { platform in
                let needy = try await Self.needy(on: platform)
                try await Self.wait(for: "waiting", of: "needy", on: platform)
                let (status, output) = try await platform.commandLine(["status"])
                #expect(status == 0)
                #expect(output.contains("requires the method `look_up` of 'needed', which is configured"), "\(output)")
                let before = try await platform.ask("spam_checker", "user_may_invite", Self.invite)
                #expect(before.json["outcome"] == "none_up")
                #expect(try await platform.get("/_ganglion/ready").json["waiting_for"] == ["needy", "needed"])

                let manifest = Manifest(methods: [MethodClaim(name: "look_up")])
                let needed = try await TestModule.join(platform, as: "needed", manifest)
                try await Self.wait(for: "ready", of: "needy", on: platform)
                let answer = try await platform.ask("spam_checker", "user_may_invite", Self.invite)
                #expect(answer.json["result"] == "M_FORBIDDEN")

                try await needed.leave()
                try await Self.wait(for: "waiting", of: "needy", on: platform)
                try await needy.leave()
            }
        }

        @Test func aModuleDisablesItselfAndAnOperatorOverrulesIt() async throws {
            try await TestPlatform.run(modules: "  - module: moody", waitingFor: .gateway) { platform in
                let claims = [CallbackClaim(category: "spam_checker", name: "user_may_invite")]
                let moody = try await TestModule.join(platform, as: "moody", Manifest(callbacks: claims)) { _ in
                    BusReply(status: .answer, body: "\"M_FORBIDDEN\"")
                }
                try await Self.wait(for: "ready", of: "moody", on: platform)
                moody.announce(Readiness(disabledBecause: "no blocklist"))
                try await Self.wait(for: "disabled_itself", of: "moody", on: platform)
                let (_, output) = try await platform.commandLine(["status"])
                #expect(output.contains("moody: no blocklist"), "\(output)")
                let down = try await platform.ask("spam_checker", "user_may_invite", Self.invite)
                #expect(down.json["outcome"] == "none_up")

                #expect(try await platform.commandLine(["modules", "enable", "moody"]).status == 0)
                let overruled = try await platform.ask("spam_checker", "user_may_invite", Self.invite)
                #expect(overruled.json["result"] == "M_FORBIDDEN")

                // What it said holds on its next connection too.
                try platform.signal("callback-dispatcher", SIGKILL)
                try await Self.wait(for: "disabled_itself", of: "moody", on: platform)
                moody.announce(Readiness())
                try await Self.wait(for: "ready", of: "moody", on: platform)
                try await moody.leave()
            }
        }

        /// Measured where it matters: at a host, from the moment when it can call to the table with everybody in it.
        @Test func aRestartedDispatcherKnowsEverybodyWithinASecond() async throws {
            try await TestPlatform.run(modules: IntegrationTests.ModulesTests.modules) { platform in
                let host = try TestHost.join(platform)
                let first = try await Self.table(at: host)
                #expect(first.table.modules == ["directory", "link-guard"])
                for _ in 0..<3 {
                    try platform.signal("callback-dispatcher", SIGKILL)
                    let again = try await Self.table(at: host)
                    #expect(again.table.routes.map(\.module) == first.table.routes.map(\.module))
                    #expect(again.duration < .seconds(1))
                }
                await host.leave()
            }
        }

        /// The next table on a new connection that has all modules in it, and how long that took.
        private static func table(
            at host: TestHost
        ) async throws -> (table: RoutingTableMessage, duration: Duration) {
            var connected: ContinuousClock.Instant?
            for await event in host.events {
                switch event {
                case .connected(let time): connected = time
                case .table(let table, let time):
                    guard let connected, table.waitingFor.isEmpty else { continue }
                    return (table, time - connected)
                }
            }
            throw TestModule.Unexpected(description: "the host's connection has ended")
        }
    }
}
