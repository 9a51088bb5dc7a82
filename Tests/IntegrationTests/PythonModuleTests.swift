import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// The wire as the page describes it: modules in Python, written from `docs/wire-protocol.md` alone.
    @Suite(
        .timeLimit(.minutes(3)),
        .enabled(
            if: PythonModules.interpreter != nil,
            "needs a Python with pyzmq, named by GANGLION_TEST_PYTHON; `make test` makes one"
        )
    )
    struct PythonModuleTests {
        @Test func pythonReadsAndWritesTheGoldenBytesOfThePage() async throws {
            let page = Checkout.root.appending(path: "docs/wire-protocol.md").path
            let check = try CommandLineProcess(
                try #require(PythonModules.interpreter),
                [PythonModules.file("ganglion_wire.py"), "--check", page],
                in: FileManager.default.temporaryDirectory
            )
            #expect(try await check.waitForEnd(within: .seconds(20)) == 0, "\(check.output)")
        }

        @Test func aRouteAndACallbackAreAnsweredFromPython() async throws {
            try await TestPlatform.run(modules: PythonModules.python) { platform in
                let hello = try await platform.get("/_modules/python/hello/J%C3%BCrgen")
                #expect(hello.status == 200)
                #expect(hello.json == ["greeting": "Good day, Jürgen!"])
                #expect(hello.headers["content-type"] == "application/json")
                #expect(try await platform.get("/_modules/python/hello/a/b").status == 404)
                #expect(try await platform.send("POST", "/_modules/python/hello/a").status == 405)
                let spam = try await platform.askAboutSpam("the Casino of the year")
                #expect(spam.json["outcome"] == "answer")
                #expect(spam.json["result"] == "M_FORBIDDEN")
                #expect(spam.json["decided_by"] == "python")
                let harmless = try await platform.askAboutSpam("lunch?")
                #expect(harmless.json["outcome"] == "continue")
                #expect(harmless.json["result"] == "NOT_SPAM")
            }
        }

        @Test func heartbeatsKeepItReadyThroughSilence() async throws {
            try await TestPlatform.run(modules: PythonModules.python) { platform in
                let end = ContinuousClock.now + .seconds(3)
                while ContinuousClock.now < end {
                    #expect(try await platform.module("python")["state"] == "ready")
                    try await ContinuousClock().sleep(for: .milliseconds(50))
                }
            }
        }

        @Test func aKilledModuleIsStartedAgainAndServes() async throws {
            try await TestPlatform.run(modules: PythonModules.python) { platform in
                let killed = try platform.signal("python", SIGKILL)
                try await eventually("another process serves", within: .seconds(20)) {
                    guard try platform.processIDs()["python"] ?? killed != killed else { return false }
                    return try await platform.get("/_modules/python/hello/a").status == 200
                }
            }
        }

        @Test func itRegistersAgainUnaskedWhenTheDispatcherWasKilled() async throws {
            try await TestPlatform.run(modules: PythonModules.python) { platform in
                let before = try platform.processIDs()
                try platform.signal("callback-dispatcher", SIGKILL)
                try await eventually("a new dispatcher knows the module", within: .seconds(20)) {
                    let now = try platform.processIDs()["callback-dispatcher"]
                    guard let now, now != before["callback-dispatcher"] else { return false }
                    return try await platform.get("/_modules/python/hello/a").status == 200
                }
                let after = try platform.processIDs()
                #expect(after["python"] == before["python"])
                try await platform.waitForOutput("beginning again")
                #expect(try await platform.askAboutSpam("casino").json["decided_by"] == "python")
            }
        }

        @Test func itBeginsAgainWhenItIsAskedWhoItIs() async throws {
            try await TestPlatform.run(modules: PythonModules.trial) { platform in
                #expect(try await platform.get("/_modules/trial/forget").status == 502)
                try await eventually("it has registered again", within: .seconds(20)) {
                    try await platform.get("/_modules/trial/wait/1").status == 200
                }
                try await platform.waitForOutput("the dispatcher does not know us")
            }
        }
    }
}

// MARK: - Calls and their ends

extension IntegrationTests.PythonModuleTests {
    @Test func cancelReachesTheModuleWhenTheClientGoes() async throws {
        try await TestPlatform.run(modules: PythonModules.trial) { platform in
            await #expect(throws: (any Error).self) {
                try await platform.send("GET", "/_modules/trial/wait/2500", timeout: .milliseconds(300))
            }
            try await eventually("the call is cancelled", within: .seconds(5)) {
                try await platform.get("/_modules/trial/seen").json["cancelled"] == 1
            }
        }
    }

    @Test func aReplyAfterTheBudgetIsDroppedAndCountedAndTheNextCallIsAnswered() async throws {
        try await TestPlatform.run(modules: PythonModules.trial) { platform in
            let late = try await platform.get("/_modules/trial/stubborn/60000")
            #expect(late.status == 504)
            try await eventually("the late answer is counted", within: .seconds(5)) {
                try await platform.get("/_ganglion/admin/v1/status").json["bus"]?["late_replies"] == 1
            }
            #expect(try await platform.get("/_modules/trial/seen").json["late"] == 1)
            #expect(try await platform.get("/_modules/trial/wait/1").json == ["waited": 1])
        }
    }

    @Test func aHandlerThatRaisesCostsItsOwnCall() async throws {
        try await TestPlatform.run(modules: PythonModules.trial) { platform in
            let failed = try await platform.get("/_modules/trial/fails")
            #expect(failed.status == 502)
            let next = try await platform.get("/_modules/trial/wait/1")
            #expect(next.status == 200)
        }
    }

    @Test func aModuleAsksACallbackOverTheBusAndIsToldWhyACallCannotBe() async throws {
        try await TestPlatform.run(modules: PythonModules.python + "\n" + PythonModules.trial) { platform in
            let asked = try await platform.send(
                "POST",
                "/_modules/trial/ask",
                body: #"{"event":{"content":{"body":"casino"}}}"#
            )
            #expect(
                asked.json == [
                    "status": "ANSWER", "decided_by": "python", "result": #""M_FORBIDDEN""#,
                    "steps": [["python", "answer"]], "outcome": "answer",
                ]
            )
            let refusals = try await platform.get("/_modules/trial/refusals")
            #expect(
                refusals.json == [
                    "callback/spam_checker/no_such_callback": "not_found", "callback/spam_checker": "not_found",
                    "admin/status": "forbidden", "nonsense": "bad_request",
                ]
            )
        }
    }
}

// MARK: - Configuration and end

extension IntegrationTests.PythonModuleTests {
    @Test func aConfigurationErrorFromPythonIsShownAtItsPlaceInTheOperatorsFile() async throws {
        let modules = PythonModules.module("python", running: "module.py", config: #"{ blocked_words: ["a", ""] }"#)
        try await TestPlatform.run(modules: modules, waitingFor: .gateway) { platform in
            try await eventually("the operator sees the error", within: .seconds(20)) {
                try await platform.module("python")["state"] == "configuration_error"
            }
            let reason = try await platform.module("python")["reasons"]?.array?.first
            #expect(reason?["item"] == "modules[0].config.blocked_words[1]", "\(reason ?? .null)")
            let status = try await platform.commandLine(["status"])
            #expect(status.output.contains("expected a word, found ''"), "\(status.output)")
        }
    }

    @Test func atSIGTERMItAnswersWhatItHasAndSaysGoodbye() async throws {
        try await TestPlatform.run(modules: PythonModules.trial) { platform in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let answer = try await platform.get("/_modules/trial/wait/1500")
                    #expect(answer.json == ["waited": 1500])
                }
                try await eventually("the call is at work", within: .seconds(5)) {
                    try await platform.get("/_modules/trial/seen").json["started"] == 1
                }
                try platform.signal("trial", SIGTERM)
                try await platform.waitForOutput("peer drains")
                try await group.waitForAll()
            }
            try await platform.waitForOutput("peer says goodbye")
            try await eventually("it is started again", within: .seconds(20)) {
                try await platform.get("/_modules/trial/wait/1").status == 200
            }
        }
    }

    @Test func thePlatformStopsWithAModuleInPython() async throws {
        try await TestPlatform.run(modules: PythonModules.python) { platform in
            let (status, duration) = try await platform.stop()
            #expect(status == 0)
            #expect(duration < .seconds(5))
        }
    }
}

/// The modules in `Python/`, as parts of a configuration.
enum PythonModules {
    /// A Python that has pyzmq, if there is one.
    static let interpreter = ProcessInfo.processInfo.environment["GANGLION_TEST_PYTHON"].flatMap {
        $0.isEmpty ? nil : $0
    }

    static let python = Self.module(
        "python",
        running: "module.py",
        config: #"{ greeting: "Good day", blocked_words: ["casino"] }"#
    )
    static let trial = Self.module("trial", running: "trial_module.py", config: "{}")

    static func module(_ id: String, running file: String, config: String) -> String {
        """
          - module: \(id)
            run: ["\(Self.interpreter ?? "python3")", "\(Self.file(file))"]
            config: \(config)
        """
    }

    static func file(_ name: String) -> String {
        Checkout.root.appending(path: "Tests/IntegrationTests/Python/\(name)").path
    }
}

extension TestPlatform {
    /// Waits for a line in the logs, which take their own way and time.
    fileprivate func waitForOutput(_ text: String) async throws {
        try await eventually("a log says '\(text)'", within: .seconds(10)) { self.output.contains(text) }
    }

    fileprivate func askAboutSpam(_ text: String) async throws -> Response {
        let event: JSONValue = ["type": "m.room.message", "content": ["body": .string(text)]]
        return try await self.ask("spam_checker", "check_event_for_spam", ["event": event])
    }
}
