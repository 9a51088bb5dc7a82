import Foundation
import Synchronization
import Testing
import WireProtocol

extension IntegrationTests {
    /// Real calls through chains of several modules, all of whose processes are replaced meanwhile.
    @Suite(.timeLimit(.minutes(5)))
    struct RollingRestartTests {
        private static let laneCount = 16
        /// Ten thousand where there are the recordings that so many can be taken from, and fewer on a newcomer's machine.
        private static let callCount = ProcessInfo.processInfo.environment["GANGLION_TEST_DATA"] == nil ? 1000 : 10_000

        @Test(arguments: [1, 5, 10], [true, false])
        func noCallFailsWhileEveryProcessIsReplaced(modules: Int, isParallel: Bool) async throws {
            let calls = try RecordedCalls.load().filter {
                ["check_event_for_spam", "user_may_invite"].contains($0.callback)
            }
            let extra = "callbacks: { overrides: { spam_checker/*: { parallel: \(isParallel) } } }"
            try await TestPlatform.run(
                modules: GuardChain.configuration(count: modules),
                extra: extra,
                waitingFor: .gateway
            ) { platform in
                let chain = GuardChain(count: modules, on: platform)
                do {
                    try await chain.start()
                    let traffic = Traffic(calls, on: platform, callCount: Self.callCount)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<Self.laneCount { group.addTask { try await traffic.run() } }
                        try await chain.restartAll()
                        traffic.finish()
                        try await group.waitForAll()
                    }
                    #expect(traffic.wrong == [])
                    #expect(traffic.count >= Self.callCount)
                    #expect(traffic.rejectedCount > 0)
                } catch {
                    await chain.end()
                    throw error
                }
                await chain.end()
            }
        }
    }

    /// Recorded calls, sent again and again, and those whose answer was not the rule's.
    private final class Traffic: Sendable {
        private struct State {
            var next = 0
            var rejectedCount = 0
            var mayEnd = false
            var wrong: [String] = []
        }

        private let calls: [RecordedCall]
        private let platform: TestPlatform
        private let callCount: Int
        private let state = Mutex(State())

        init(_ calls: [RecordedCall], on platform: TestPlatform, callCount: Int) {
            self.calls = calls
            self.platform = platform
            self.callCount = callCount
        }

        var count: Int { self.state.withLock(\.next) }
        var rejectedCount: Int { self.state.withLock(\.rejectedCount) }
        var wrong: [String] { self.state.withLock(\.wrong) }

        /// Lets the traffic end when enough was sent.
        func finish() {
            self.state.withLock { $0.mayEnd = true }
        }

        /// Sends one call after the other.
        func run() async throws {
            while let call = self.nextCall() {
                let response = try await self.platform.ask(call.category, call.callback, call.arguments)
                let expected = IndependentRule.verdict(on: call)
                let isRight =
                    response.status == 200 && response.json["result"]?.string == expected
                    && response.json["outcome"]?.string == (expected == "NOT_SPAM" ? "continue" : "answer")
                self.state.withLock { state in
                    if expected != "NOT_SPAM" { state.rejectedCount += 1 }
                    guard !isRight, state.wrong.count < 5 else { return }
                    state.wrong.append("line \(call.line): \(response.status) \(response.body.prefix(500))")
                }
            }
        }

        private func nextCall() -> RecordedCall? {
            self.state.withLock { state in
                guard !state.mayEnd || state.next < self.callCount, state.wrong.isEmpty else { return nil }
                state.next += 1
                return self.calls[(state.next - 1) % self.calls.count]
            }
        }
    }
}
