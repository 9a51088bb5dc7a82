import Foundation
import Synchronization
import Testing
import WireProtocol

extension IntegrationTests {
    /// A module's process that is stopped under load and goes on later: it costs its own calls, each no longer than its deadline, and nothing that it says late counts.
    @Suite(.timeLimit(.minutes(2)))
    struct StoppedModuleTests {
        private static let directory = """
              - module: directory
                run: ["directory-module"]
                config: { users: { "@alice:example.com": engineering } }
            """
        /// No circuit, so that calls go on reaching the module while it is stopped.
        private static let extra = """
            callbacks: { circuit_failures: 0, overrides: { spam_checker/*: { deadline_ms: 400 } } }
            """
        private static let user = "/_modules/directory/users/%40alice%3Aexample.com"
        /// The deadline, and what two processors that do other work may add.
        private static let waitMax = Duration.milliseconds(400 + 1000)

        @Test func onlyItsOwnCallsWait() async throws {
            let config =
                "{ blocked_users: [\"@user03:demo.local\"], blocked_words: [\"tortes\", \"שלום\"], blocked_domains: [\"example.com\"] }"
            let guarding = """
                  - module: guard
                    run: ["link-guard-module"]
                    config: \(config)
                """
            try await Self.run(guarding, rightly: IndependentRule.verdict) { _ in }
        }

        /// A module of the SDK heeds the CANCEL that it finds behind a call; this one answers all it was ever asked.
        @Test(
            .enabled(
                if: PythonModules.interpreter != nil,
                "needs a Python with pyzmq, named by GANGLION_TEST_PYTHON; `make test` makes one"
            )
        )
        func itsLateRepliesChangeNothing() async throws {
            let deaf = PythonModules.module("guard", running: "deaf_module.py", config: "{}")
            try await Self.run(deaf) { call in
                call.arguments["event"]?["content"]?["body"]?.string?.contains("a") == true ? "M_FORBIDDEN" : "NOT_SPAM"
            } afterwards: { platform in
                try await eventually("what it says late is counted", within: .seconds(10)) {
                    (try await platform.module("guard")["late_replies"]?.integer ?? 0) > 0
                }
            }
        }

        private static func run(
            _ guarding: String,
            rightly verdict: @escaping @Sendable (RecordedCall) -> String,
            afterwards: (TestPlatform) async throws -> Void
        ) async throws {
            let calls = try RecordedCalls.load().filter { $0.callback == "check_event_for_spam" }
            try await TestPlatform.run(modules: "\(Self.directory)\n\(guarding)", extra: Self.extra) { platform in
                let checks = Checks(calls, on: platform, verdict)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 { group.addTask { try await checks.run() } }
                    try await Self.stopAndContinue(platform, checks)
                    try await afterwards(platform)
                    let before = checks.rightCount
                    try await eventually("the load goes on", within: .seconds(10)) { checks.rightCount > before + 200 }
                    checks.stop()
                    try await group.waitForAll()
                }
                #expect(checks.wrong == [])
                #expect(checks.slowest < Self.waitMax, "the slowest took \(checks.slowest)")
                #expect(checks.rejectedCount > 0)
                let module = try await platform.module("guard")
                let timeouts = module["counters"]?["spam_checker/check_event_for_spam"]?["timeouts"]?.integer ?? 0
                #expect(timeouts > 0)
                #expect((module["late_replies"]?.integer ?? 0) <= timeouts)
            }
        }

        private static func stopAndContinue(_ platform: TestPlatform, _ checks: Checks) async throws {
            try await eventually("the load runs", within: .seconds(10)) { checks.rightCount > 200 }
            checks.phase(mayGoOn: true)
            try platform.signal("guard", SIGSTOP)
            try await eventually("calls run out of time", within: .seconds(10)) { checks.wentOnCount >= 8 }
            // Others are answered as ever.
            for _ in 0..<20 {
                let start = ContinuousClock.now
                #expect(try await platform.get(Self.user).status == 200)
                #expect(ContinuousClock.now - start < Self.waitMax)
            }
            try platform.signal("guard", SIGCONT)
            try await eventually("it is ready", within: .seconds(10)) {
                try await platform.module("guard")["state"]?.string == "ready"
            }
            // It answers what it was asked while it stood still, and what it is asked now.
            let right = checks.rightCount
            try await eventually("it answers", within: .seconds(10)) { checks.rightCount > right }
            try await checks.settle()
            checks.phase(mayGoOn: false)
        }
    }

    /// Recorded calls, each with the one right answer; while it is allowed, they may also go on without the module.
    fileprivate final class Checks: Sendable {
        fileprivate struct State {
            var next = 0
            var underWay: Set<Int> = []
            var rightCount = 0
            var rejectedCount = 0
            var wentOnCount = 0
            var slowest = Duration.zero
            var mayGoOn = false
            var isStopped = false
            var wrong: [String] = []
        }

        private let calls: [RecordedCall]
        private let platform: TestPlatform
        private let verdict: @Sendable (RecordedCall) -> String
        private let state = Mutex(State())

        init(
            _ calls: [RecordedCall],
            on platform: TestPlatform,
            _ verdict: @escaping @Sendable (RecordedCall) -> String
        ) {
            self.calls = calls
            self.platform = platform
            self.verdict = verdict
        }

        var rightCount: Int { self.state.withLock(\.rightCount) }
        var rejectedCount: Int { self.state.withLock(\.rejectedCount) }
        var wentOnCount: Int { self.state.withLock(\.wentOnCount) }
        var slowest: Duration { self.state.withLock(\.slowest) }
        var wrong: [String] { self.state.withLock(\.wrong) }

        func phase(mayGoOn: Bool) { self.state.withLock { $0.mayGoOn = mayGoOn } }
        func stop() { self.state.withLock { $0.isStopped = true } }

        /// Waits until every call that is under way now has ended.
        func settle() async throws {
            let underWay = self.state.withLock(\.underWay)
            try await eventually("what was under way has ended", within: .seconds(10)) {
                self.state.withLock { $0.underWay.isDisjoint(with: underWay) }
            }
        }

        func run() async throws {
            while let number = self.begin() {
                let call = self.calls[number % self.calls.count]
                let start = ContinuousClock.now
                let response = try await self.platform.ask(call.category, call.callback, call.arguments)
                let duration = ContinuousClock.now - start
                self.state.withLock { $0.note(number, call, response, duration, expected: self.verdict(call)) }
            }
        }

        private func begin() -> Int? {
            self.state.withLock { state in
                guard !state.isStopped, state.wrong.isEmpty else { return nil }
                state.next += 1
                state.underWay.insert(state.next)
                return state.next
            }
        }
    }
}

extension IntegrationTests.Checks.State {
    fileprivate mutating func note(
        _ number: Int,
        _ call: RecordedCall,
        _ response: TestPlatform.Response,
        _ duration: Duration,
        expected: String
    ) {
        self.underWay.remove(number)
        self.slowest = max(self.slowest, duration)
        let verdict = response.json["steps"]?.array?.first?["verdict"]?.string ?? ""
        let result = response.json["result"]?.string
        if response.status == 200, ["answer", "continue"].contains(verdict), result == expected {
            self.rightCount += 1
            self.rejectedCount += expected == "NOT_SPAM" ? 0 : 1
        } else if self.mayGoOn, response.status == 200, ["timeout", "none_up"].contains(verdict), result == "NOT_SPAM" {
            self.wentOnCount += 1
        } else {
            self.wrong.append("line \(call.line): \(response.status) \(response.body.prefix(500))")
        }
    }
}
