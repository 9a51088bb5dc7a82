import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// Processes of modules that misbehave: each costs its own calls and nobody else's, and `ganglion conform` tells its author why.
    @Suite(.timeLimit(.minutes(4)))
    struct ZooTests {
        private static let page = "/_modules/bad/page"
        private static let user = "/_modules/directory/users/%40alice%3Aexample.com"
        private static let spam: JSONValue = [
            "event": ["type": "m.room.message", "content": ["body": "the casino of the year"]]
        ]

        /// Starts a platform with a bad module that is asked first, and watches the others while the closure runs.
        private static func run(
            _ arguments: [String],
            _ body: @escaping @Sendable (TestPlatform) async throws -> Void
        ) async throws {
            let run = (["bad-module"] + arguments).map { "\"\($0)\"" }.joined(separator: ", ")
            let modules = """
                  - module: bad
                    run: [\(run)]
                \(IntegrationTests.ModulesTests.modules)
                """
            try await TestPlatform.run(modules: modules, waitingFor: .gateway) { platform in
                try await eventually("the others are up", within: .seconds(10)) {
                    guard try await platform.get(Self.user).status == 200 else { return false }
                    return try await platform.module("link-guard")["state"] == "ready"
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await body(platform) }
                    for _ in 0..<30 { try await Self.checkOthers(on: platform) }
                    try await group.waitForAll()
                }
                try await Self.checkOthers(on: platform)
                let (status, duration) = try await platform.stop()
                #expect(status == 0)
                #expect(duration < .seconds(6))
            }
        }

        private static func checkOthers(on platform: TestPlatform) async throws {
            let start = ContinuousClock.now
            #expect(try await platform.get(Self.user).status == 200)
            let invite: JSONValue = ["inviter": "@a:evil.example", "invitee": "@b:b", "room_id": "!r:b"]
            let verdict = try await platform.ask("spam_checker", "user_may_invite", invite)
            #expect(verdict.json["result"] == "M_FORBIDDEN", "\(verdict.body)")
            #expect(ContinuousClock.now - start < .seconds(1))
        }

        private static func waitForPage(_ platform: TestPlatform, _ status: Int = 200) async throws {
            try await eventually("the page answers \(status)", within: .seconds(15)) {
                try await platform.get(Self.page).status == status
            }
        }

        @Test func aSlowStartKeepsNobodyElse() async throws {
            try await Self.run(["slow-start"]) { platform in
                #expect(try await platform.get(Self.page).status == 404)
                // Nobody waits for an opinion that was not registered.
                #expect(
                    try await platform.ask("spam_checker", "check_event_for_spam", Self.spam).json["result"]
                        == "M_FORBIDDEN"
                )
                try await Self.waitForPage(platform)
            }
        }

        @Test(arguments: ["slow-answer", "never-answers"])
        func anAnswerThatDoesNotComeCostsItsDeadline(misbehaviour: String) async throws {
            try await Self.run([misbehaviour]) { platform in
                try await eventually("it is up", within: .seconds(10)) {
                    try await platform.module("bad")["state"] == "ready"
                }
                let start = ContinuousClock.now
                #expect(try await platform.get(Self.page).status == 504)
                #expect(ContinuousClock.now - start < .seconds(4))
                let verdict = try await platform.ask("spam_checker", "check_event_for_spam", Self.spam)
                // The gateway's budget of 3 s is less than the deadline of 5 s: the call ends, and is not decided by nobody.
                #expect(verdict.json["steps"]?.array?.first?["module"] != "link-guard", "\(verdict.body)")
                #expect(ContinuousClock.now - start < .seconds(8))
            }
        }

        @Test func aWrongAnswerIsNotPassedOn() async throws {
            try await Self.run(["wrong-answer"]) { platform in
                try await Self.waitForPage(platform, 502)
                let verdict = try await platform.ask("spam_checker", "check_event_for_spam", Self.spam)
                #expect(verdict.json["result"] == "This message has been rejected as probable spam", "\(verdict.body)")
            }
        }

        @Test func aFloodIsDropped() async throws {
            try await Self.run(["floods"]) { platform in
                try await Self.waitForPage(platform)
                try await eventually("the flood is noticed", within: .seconds(10)) {
                    let bus = try await platform.get("/_ganglion/admin/v1/status").json["bus"]
                    let counts = ["malformed", "barred", "strangers"].map { bus?[$0]?.integer ?? 0 }
                    return counts.reduce(0, +) > 1000
                }
            }
        }

        @Test func aDeathInACallCostsThatCallAndTheModuleIsStartedAgain() async throws {
            try await Self.run(["dies-in-call"]) { platform in
                try await Self.waitForPage(platform, 502)
                // Its opinion is lost with it, and the next module's counts.
                let verdict = try await platform.ask("spam_checker", "check_event_for_spam", Self.spam)
                #expect(verdict.json["result"] == "M_FORBIDDEN", "\(verdict.body)")
                try await eventually("it is started again", within: .seconds(15)) {
                    try await platform.get("/_ganglion/admin/v1/modules").json["modules"]?.array?.contains {
                        $0["id"] == "bad" && $0["state"] == "ready"
                    } == true
                }
            }
        }

        @Test func aDeathWhileItIsToldToStopIsLikeAnyOther() async throws {
            try await Self.run(["dies-in-drain"]) { platform in
                try await Self.waitForPage(platform)
                let before = try platform.signal("bad", SIGTERM)
                try await eventually("another process serves", within: .seconds(15)) {
                    guard try platform.processIDs()["bad"] ?? before != before else { return false }
                    return try await platform.get(Self.page).status == 200
                }
            }
        }

        @Test(arguments: ["directory", "nobody", "background-update-worker"])
        func aModuleThatLiesAboutItsNameIsRefused(name: String) async throws {
            try await Self.run(["lies-about-its-id", name]) { platform in
                try await eventually("it is refused", within: .seconds(10)) { platform.output.contains("refused: ") }
                #expect(try await platform.get(Self.page).status == 404)
                #expect(try await platform.module("bad")["state"] != "ready")
            }
        }
    }
}

// MARK: - What their authors are told

extension IntegrationTests.ZooTests {
    /// What is wrong, and the check that says so.
    static let findings: [(misbehaviour: String, check: String)] = [
        ("slow-start", "register"), ("slow-answer", "callback spam_checker/check_event_for_spam"),
        ("wrong-answer", "callback spam_checker/check_event_for_spam"),
        ("never-answers", "callback spam_checker/check_event_for_spam"),
        ("floods", "callback spam_checker/check_event_for_spam"),
        ("dies-in-call", "callback spam_checker/check_event_for_spam"), ("dies-in-drain", "drain"),
        ("lies-about-its-id", "hello"),
    ]

    @Test func conformFindsEachByTheRightCheck() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (misbehaviour, check) in Self.findings {
                group.addTask {
                    let report = try await Self.conform(misbehaviour, ["--only", "callback", "--only", "drain"])
                    #expect(report.status == 1)
                    let first = report.checks(with: "fail").first ?? "nothing"
                    #expect(first == check, "\(misbehaviour): \(report.output)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func conformFindsNothingWrongWithAModuleThatHasNoFault() async throws {
        let report = try await Self.conform("none", [])
        #expect(report.status == 0, "\(report.output)")
        #expect(report.checks(with: "warn") == [], "\(report.output)")
    }

    private static func conform(_ misbehaviour: String, _ options: [String]) async throws -> ConformReport {
        try await ConformReport(
            of: [Executables.path(of: "bad-module"), misbehaviour],
            ["--module", "bad", "--start-timeout", "5"] + options
        )
    }
}
