import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// `kill -9` of any one process under load: the others stay, nothing hangs, everything comes back by itself.
    @Suite(.timeLimit(.minutes(3)))
    struct CrashTests {
        @Test(arguments: ["callback-dispatcher", "gateway", "directory", "link-guard"])
        func aKilledProcessCostsItsOwnCallsAndComesBack(victim: String) async throws {
            try await TestPlatform.run(modules: IntegrationTests.ModulesTests.modules) { platform in
                let load = Load(platform)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask { try await load.run() }
                    }
                    try await eventually("the load runs", within: .seconds(5)) { load.answers > 100 }
                    let before = try platform.processIDs()
                    let killed = try platform.signal(victim, SIGKILL)
                    let start = ContinuousClock.now
                    try await eventually("everything works again", within: .seconds(10)) {
                        guard try platform.processIDs()[victim] ?? killed != killed else { return false }
                        return try await Self.works(platform)
                    }
                    #expect(ContinuousClock.now - start < .seconds(3))
                    let after = try platform.processIDs()
                    for (name, id) in before where name != victim {
                        #expect(after[name] == id, "\(name) did not survive the death of \(victim)")
                    }
                    load.stop()
                    try await group.waitForAll()
                }
                load.check(victim: victim)
            }
        }

        private static func works(_ platform: TestPlatform) async throws -> Bool {
            guard let user = try? await platform.get("/_modules/directory/users/%40alice%3Aexample.com"),
                let verdict = try? await platform.ask("spam_checker", "check_event_for_spam", ["event": [:]])
            else { return false }
            return user.status == 200 && verdict.json["outcome"] == "continue"
                && verdict.json["steps"]?.array?.count == 1
        }
    }
}
