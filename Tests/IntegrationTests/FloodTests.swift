import Testing
import WireProtocol

extension IntegrationTests {
    /// Registered modules that send more than anybody wants: the others work on meanwhile.
    @Suite(.timeLimit(.minutes(3)))
    struct FloodTests {
        private static let modules = """
              - module: bad
            \(IntegrationTests.ModulesTests.modules)
            """
        private static let path = "/_modules/bad/page"
        private static let manifest = Manifest(routes: [RouteClaim(path: Self.path)])
        private static let user = "/_modules/directory/users/%40alice%3Aexample.com"
        private static let spam: JSONValue = [
            "event": ["type": "m.room.message", "content": ["body": "see https://x.bad.example/"]]
        ]

        /// What the others say while the flood lasts: all right, and within a second each.
        private static func watchOthers(on platform: TestPlatform, during flood: FloodingModule) async throws {
            try await eventually("the flood has begun", within: .seconds(10)) { flood.count > 1000 }
            let before = flood.count
            for _ in 0..<30 {
                let start = ContinuousClock.now
                let user = try await platform.get(Self.user)
                #expect(user.status == 200)
                let verdict = try await platform.ask("spam_checker", "check_event_for_spam", Self.spam)
                #expect(verdict.json["result"] == "M_FORBIDDEN", "\(verdict.body)")
                #expect(ContinuousClock.now - start < .seconds(2))
            }
            #expect(flood.count > before, "the flood did not last")
        }

        private static func run(
            _ flood: @escaping FloodingModule.Flood,
            _ afterwards: (TestPlatform) async throws -> Void = { _ in }
        ) async throws {
            try await TestPlatform.run(modules: Self.modules, waitingFor: .gateway) { platform in
                try await eventually("the others are up", within: .seconds(10)) {
                    let user = try await platform.get(Self.user)
                    let verdict = try await platform.ask("spam_checker", "check_event_for_spam", Self.spam)
                    return user.status == 200 && verdict.json["result"] == "M_FORBIDDEN"
                }
                let flood = FloodingModule(platform, as: "bad", Self.manifest, flood)
                try await Self.watchOthers(on: platform, during: flood)
                try await afterwards(platform)
                try flood.stop()
            }
        }

        @Test func aModuleThatSendsRandomBytesIsBarredAndTheOperatorSeesWhy() async throws {
            try await Self.run(
                { generator in
                    (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                        (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                            UInt8.random(in: 0...255, using: &generator)
                        }
                    }
                },
                { platform in
                    let reasons = try await platform.module("bad")["reasons"]?.array
                    #expect(reasons?.first?["code"] == "malformed", "\(String(describing: reasons))")
                }
            )
        }

        @Test func repliesThatNobodyAskedForDisturbNobody() async throws {
            let body = [UInt8](repeating: 32, count: 512)
            try await Self.run { generator in
                let header = Header(kind: .reply, callID: UInt64.random(in: 0...UInt64.max, using: &generator))
                return [header.encoded(), body]
            }
        }

        @Test func aModuleThatCallsWithoutEndDisturbsNobody() async throws {
            let body = [UInt8]("{}".utf8)
            try await Self.run { generator in
                let header = Header(
                    kind: .call,
                    budgetMilliseconds: 1000,
                    callID: UInt64.random(in: 0...UInt64.max, using: &generator),
                    target: "callback/spam_checker/user_may_create_room"
                )
                return [header.encoded(), body]
            }
        }
    }
}
