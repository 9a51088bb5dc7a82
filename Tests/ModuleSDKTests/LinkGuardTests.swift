import Foundation
import ModuleSDK
import ModuleTestKit
import Recordings
import Testing
import WireProtocol

@testable import link_guard_module

struct LinkGuardTests {
    private static let blocklist: JSONValue = [
        "blocked_domains": ["bad.example"],
        "blocked_words": ["casino"],
        "blocked_users": ["@mallory:good.example", "*:evil.example"],
    ]

    @Test(arguments: [
        ("look at https://bad.example/x", true),
        ("look at HTTPS://WWW.BAD.EXAMPLE:8080/", true),
        ("bad.example.", true),
        ("notbad.example", false),
        ("bad.example.org", false),
        ("Casino!", true),
        ("casinos", false),
        ("", false),
    ])
    func anEventIsJudgedByItsText(text: String, isBlocked: Bool) async throws {
        let bus = try await InMemoryBus.start(LinkGuard.self, configuration: Self.blocklist)
        for key in ["body", "formatted_body"] {
            let event: JSONValue = ["type": "m.room.message", "content": [key: .string(text)]]
            let answer = try await bus.ask("spam_checker", "check_event_for_spam", ["event": event])
            #expect(answer == (isBlocked ? .result("M_FORBIDDEN") : .noOpinion))
        }
    }

    @Test(arguments: [
        ("@alice:good.example", "@bob:good.example", false),
        ("@mallory:good.example", "@bob:good.example", true),
        ("@alice:good.example", "@Mallory:GOOD.example", true),
        ("@alice:good.example", "@x:evil.example", true),
        ("@alice:sub.bad.example", "@x:good.example", true),
    ])
    func anInvitationIsJudgedByBothUsers(inviter: String, invitee: String, isBlocked: Bool) async throws {
        let bus = try await InMemoryBus.start(LinkGuard.self, configuration: Self.blocklist)
        let answer = try await bus.ask(
            "spam_checker",
            "user_may_invite",
            ["inviter": .string(inviter), "invitee": .string(invitee), "room_id": "!r:good.example"]
        )
        #expect(answer == (isBlocked ? .result("M_FORBIDDEN") : .noOpinion))
    }

    @Test func anEventWithoutTextIsNotSpam() async throws {
        let bus = try await InMemoryBus.start(LinkGuard.self, configuration: Self.blocklist)
        for event: JSONValue in [[:], ["content": 5], ["content": ["body": ["a"]]]] {
            #expect(try await bus.ask("spam_checker", "check_event_for_spam", ["event": event]) == .noOpinion)
        }
    }

    @Test func anArgumentThatIsMissingIsTheCallersFault() async throws {
        let bus = try await InMemoryBus.start(LinkGuard.self, configuration: Self.blocklist)
        let fault = await #expect(throws: BusFault.self) {
            try await bus.ask("spam_checker", "user_may_invite", ["inviter": "@a:b"])
        }
        #expect(fault?.code == .badRequest)
        #expect(fault?.message.contains("invitee") == true)
    }

    private static let mistakes: [(JSONValue, String)] = [
        (["blocked_domains": ["good.example", "no domain"]], "config.blocked_domains[1]"),
        (["blocked_domains": "bad.example"], "config.blocked_domains"),
        (["blocked_words": ["two words"]], "config.blocked_words[0]"),
        (["blocked_users": ["mallory"]], "config.blocked_users[0]"),
        (["blocked_word": ["x"], "blocked_words": ["y"]], "config.blocked_word"),
        ([:], "config"),
        (.null, "config"),
        (["blocked_domains": [5]], "config.blocked_domains[0]"),
    ]

    @Test(arguments: Self.mistakes)
    func aConfigurationErrorIsReportedAtItsPath(configuration: JSONValue, path: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            _ = try await InMemoryBus.start(LinkGuard.self, configuration: configuration)
        }
        #expect(error?.problems.map(\.path) == [path])
    }

    @Test func everyRecordedCallOfTheSampleIsAnsweredByTheRule() async throws {
        let word = "crypto"
        let bus = try await InMemoryBus.start(LinkGuard.self, configuration: ["blocked_words": [.string(word)]])
        let sample = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../data/matrix/sample-calls.jsonl"
        )
        let tally = try await bus.replay(contentsOf: sample.path) { call, outcome in
            guard call.callback == "check_event_for_spam" else { return nil }
            // Whatever has the word nowhere cannot be refused for it.
            guard !call.arguments.text.lowercased().contains(word) else { return nil }
            return outcome == .noOpinion ? nil : "\(outcome) without the word"
        }
        #expect(tally.isClean, "\(tally.complaints)")
        #expect(tally.count("spam_checker/check_event_for_spam", .noOpinion) > 100)
        #expect(tally.count(.result("M_FORBIDDEN")) > 0)
    }
}
