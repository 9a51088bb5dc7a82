import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// The calls of a real homeserver, through the whole platform.
    ///
    /// Looks for them in the folder that `GANGLION_TEST_DATA` names and takes the sample of the project where there is none.
    @Suite(.timeLimit(.minutes(5)))
    struct RealEventsTests {
        private static let modules = """
              - module: link-guard
                run: ["link-guard-module"]
                config: { blocked_domains: ["example.com"], blocked_words: ["tortes", "שלום"], blocked_users: ["@user03:demo.local"] }
            """

        @Test func everyCallGetsTheVerdictOfTheRule() async throws {
            let calls = try RecordedCalls.load()
            try await TestPlatform.run(modules: Self.modules) { platform in
                let tally = try await Self.replay(calls, on: platform)
                print("replayed \(calls.count) calls: \(tally.decided) decided, \(tally.rejected) rejected")
                #expect(tally.wrong == [])
                #expect(tally.decided > 0)
                #expect(tally.rejected > 0)
                #expect(tally.rejected < tally.decided)
            }
        }

        private struct Tally {
            /// Calls that a module answered.
            var decided = 0
            var rejected = 0
            /// The first of the lines whose answer was not the rule's.
            var wrong: [String] = []
        }

        private static func replay(_ calls: [RecordedCall], on platform: TestPlatform) async throws -> Tally {
            try await withThrowingTaskGroup(of: Tally.self) { group in
                let lanes = 16
                for lane in 0..<lanes {
                    group.addTask {
                        var tally = Tally()
                        for index in stride(from: lane, to: calls.count, by: lanes) {
                            try await self.send(calls[index], to: platform, into: &tally)
                        }
                        return tally
                    }
                }
                return try await group.reduce(into: Tally()) { whole, part in
                    whole.decided += part.decided
                    whole.rejected += part.rejected
                    whole.wrong += part.wrong.prefix(5)
                }
            }
        }

        private static func send(_ call: RecordedCall, to platform: TestPlatform, into tally: inout Tally) async throws
        {
            let response = try await platform.ask(call.category, call.callback, call.arguments)
            let expected = IndependentRule.verdict(on: call)
            let isDecided = ["check_event_for_spam", "user_may_invite"].contains(call.callback)
            let outcome = isDecided ? (expected == "NOT_SPAM" ? "continue" : "answer") : "none_registered"
            let isRight =
                response.status == 200 && response.json["outcome"]?.string == outcome
                && (!isDecided || response.json["result"]?.string == expected)
            if !isRight { tally.wrong.append("line \(call.line): \(response.status) \(response.body.prefix(300))") }
            if isDecided { tally.decided += 1 }
            if outcome == "answer" { tally.rejected += 1 }
        }
    }
}

/// The link-guard's rule, written a second time and another way.
enum IndependentRule {
    static func verdict(on call: RecordedCall) -> String {
        switch call.callback {
        case "check_event_for_spam":
            let content = call.arguments["event"]?["content"]
            let texts = ["body", "formatted_body"].compactMap { content?[$0]?.string }
            return texts.contains(where: self.isSpam) ? "M_FORBIDDEN" : "NOT_SPAM"
        case "user_may_invite":
            let users = ["inviter", "invitee"].compactMap { call.arguments[$0]?.string?.lowercased() }
            return users.contains("@user03:demo.local") ? "M_FORBIDDEN" : "NOT_SPAM"
        default:
            return "NOT_SPAM"
        }
    }

    private static func isSpam(_ text: String) -> Bool {
        let patterns = [
            "(^|[^\\p{L}\\p{M}\\p{N}'])(tortes|שלום)($|[^\\p{L}\\p{M}\\p{N}'])",
            "(^|[^\\p{L}\\p{M}\\p{N}-])example\\.com\\.*($|[^\\p{L}\\p{M}\\p{N}.-])",
        ]
        return patterns.contains { text.range(of: $0, options: [.regularExpression, .caseInsensitive]) != nil }
    }
}
