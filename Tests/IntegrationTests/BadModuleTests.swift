import Foundation
import MessageBus
import Testing
import WireProtocol
import ZeroMQ

extension IntegrationTests {
    /// Modules that misbehave: each costs its own calls and nobody else's.
    @Suite(.timeLimit(.minutes(3)))
    struct BadModuleTests {
        private static let modules = """
              - module: bad
            \(IntegrationTests.ModulesTests.modules)
            """
        private static let path = "/_modules/bad/page"
        private static let manifest = Manifest(
            routes: [RouteClaim(path: Self.path)],
            callbacks: [CallbackClaim(category: "spam_checker", name: "check_event_for_spam")]
        )

        private static let user = "/_modules/directory/users/%40alice%3Aexample.com"

        /// A user that is there, because a path that nobody serves yet is a 404 like a user that is not.
        private static func waitForOthers(on platform: TestPlatform) async throws {
            try await eventually("the others are up", within: .seconds(10)) {
                try await platform.get(Self.user).status == 200
            }
        }

        /// Whether the good modules answer, soon.
        private static func checkOthers(on platform: TestPlatform) async throws {
            for _ in 0..<20 {
                let start = ContinuousClock.now
                let response = try await platform.get(Self.user)
                #expect(response.status == 200)
                #expect(ContinuousClock.now - start < .seconds(1))
            }
        }

        @Test func aModuleThatNeverAnswersCostsItsOwnCalls() async throws {
            try await TestPlatform.run(modules: Self.modules, waitingFor: .gateway) { platform in
                let bad = try await TestModule.join(platform, as: "bad", Self.manifest) { _ in
                    try? await ContinuousClock().sleep(for: .seconds(3600))
                    return BusReply(status: .continue)
                }
                try await Self.waitForOthers(on: platform)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            let start = ContinuousClock.now
                            let response = try await platform.get(Self.path)
                            #expect(response.status == 504)
                            #expect(ContinuousClock.now - start < .seconds(4))
                        }
                    }
                    try await Self.checkOthers(on: platform)
                    try await group.waitForAll()
                }
                try await bad.leave()
            }
        }

        static let garbage: [BusReply] = [
            BusReply(status: .answer, metadata: "not json", body: "x"),
            BusReply(status: .answer, metadata: #"{"status":99}"#, body: "x"),
            BusReply(status: .answer, metadata: #"{"status":200,"headers":[["bad name","x\r\ny"]]}"#, body: "x"),
            BusReply(status: .answer, metadata: #"{"headers":{}}"#, body: "x"),
            BusReply(status: .error, body: "not json"),
        ]

        @Test func aModuleThatAnswersGarbageGivesABadGateway() async throws {
            try await TestPlatform.run(modules: Self.modules, waitingFor: .gateway) { platform in
                try await Self.waitForOthers(on: platform)
                for reply in Self.garbage {
                    let bad = try await TestModule.join(platform, as: "bad", Self.manifest) { _ in reply }
                    try await eventually("the module is up", within: .seconds(5)) {
                        try await platform.get(Self.path).status != 404
                    }
                    let response = try await platform.get(Self.path)
                    #expect(response.status == 502, "\(response.body)")
                    #expect(response.json["errcode"]?.string != nil)
                    try await bad.leave()
                }
                try await Self.checkOthers(on: platform)
            }
        }

        @Test func aVerdictThatIsGarbageFollowsThePolicyOfTheCallback() async throws {
            try await TestPlatform.run(modules: Self.modules, waitingFor: .gateway) { platform in
                let bad = try await TestModule.join(platform, as: "bad", Self.manifest) { _ in
                    BusReply(status: .answer, body: "{not json")
                }
                try await eventually("the module is up", within: .seconds(5)) {
                    try await platform.module("bad")["state"] == "ready"
                }
                let response = try await platform.ask("spam_checker", "check_event_for_spam", ["event": [:]])
                #expect(response.status == 200)
                #expect(response.json["result"]?.string?.contains("spam") == true, "\(response.body)")
                try await bad.leave()
            }
        }

        @Test func randomBytesAreDroppedAndCounted() async throws {
            try await TestPlatform.run(modules: Self.modules, waitingFor: .gateway) { platform in
                try await Self.waitForOthers(on: platform)
                try RawPeer.send(200_000, to: platform) { generator in
                    (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                        (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                            UInt8.random(in: 0...255, using: &generator)
                        }
                    }
                }
                try await Self.checkOthers(on: platform)
            }
        }

        @Test func aFloodOfWellFormedMessagesDisturbsNobody() async throws {
            try await TestPlatform.run(modules: Self.modules, waitingFor: .gateway) { platform in
                try await Self.waitForOthers(on: platform)
                let call = Header(
                    kind: .call,
                    budgetMilliseconds: 1000,
                    callID: 7,
                    target: "callback/spam_checker/check_event_for_spam"
                ).encoded()
                try RawPeer.send(300_000, to: platform) { _ in [call, [UInt8](repeating: 32, count: 512)] }
                try await Self.checkOthers(on: platform)
            }
        }
    }
}
