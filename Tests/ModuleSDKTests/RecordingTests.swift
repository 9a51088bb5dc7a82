import Foundation
import ModuleSDK
import ModuleTestKit
import Recordings
import Testing
import WireProtocol

/// Recorded calls on a bus in memory.
@Suite(.timeLimit(.minutes(1)))
struct RecordingTests {
    private struct Strict: Module {
        init(configuration: NoConfiguration, api: ModuleAPI) {
            api.registerCallbacks(
                "spam_checker",
                [
                    "check_event_for_spam": { call in
                        let event = try call.arguments().object("event")
                        return event["content"]?["body"] == "casino" ? .result("M_FORBIDDEN") : .noOpinion
                    }
                ],
                filter: ArgumentFilter(.argument("event", "type", is: "m.room.message"))
            )
            api.registerCallbacks("spam_checker", ["user_may_invite": { _ in throw BusFault(.moduleError, "no") }])
        }
    }

    private static let lines = [
        #"{"category":"spam_checker","callback":"check_event_for_spam","args":{"event":{"type":"m.room.message","content":{"body":"casino"}}}}"#,
        #"{"category":"spam_checker","callback":"check_event_for_spam","args":{"event":{"type":"m.room.message","content":{"body":"lunch"}}}}"#,
        #"{"category":"spam_checker","callback":"check_event_for_spam","args":{"event":{"type":"m.reaction"}}}"#,
        #"{"category":"third_party_rules","callback":"on_new_event","args":{"event":{}}}"#,
        "no call",
        #"{"category":"spam_checker","callback":"user_may_invite","args":{}}"#,
    ]

    private func replay(
        _ text: Data,
        countMax: Int = .max,
        check: InMemoryBus<Strict>.RecordedCheck = { _, _ in nil }
    ) async throws -> RecordingTally {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl")
        try text.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let bus = try await InMemoryBus.start(Strict.self)
        return try await bus.replay(contentsOf: file.path, countMax: countMax, check: check)
    }

    private var recording: Data { Data(Self.lines.joined(separator: "\n").utf8) }

    @Test func eachCallIsCountedByHowItEnded() async throws {
        let tally = try await self.replay(self.recording)
        #expect(tally.callCount == 5)
        #expect(tally.count("spam_checker/check_event_for_spam", .result("M_FORBIDDEN")) == 1)
        #expect(tally.count("spam_checker/check_event_for_spam", .noOpinion) == 1)
        #expect(tally.count(.filtered) == 1)
        #expect(tally.count(.notRegistered) == 1)
        #expect(tally.count("spam_checker/user_may_invite", .fault(.moduleError)) == 1)
    }

    @Test func faultsAndLinesThatAreNoCallsAreComplaints() async throws {
        let tally = try await self.replay(self.recording)
        #expect(!tally.isClean)
        #expect(tally.complaints.map(\.line) == [5, 6])
        #expect(tally.complaints.last?.description == "line 6: spam_checker/user_may_invite: module_error")
    }

    @Test func whatTheTestFindsWrongIsAComplaintAtItsLine() async throws {
        let tally = try await self.replay(self.recording, countMax: 3) { call, outcome in
            outcome == .noOpinion ? "expected a verdict on \(call.callback)" : nil
        }
        #expect(tally.callCount == 3)
        #expect(tally.complaints.map(\.line) == [2])
    }

    @Test func aCompressedRecordingSaysHowToReadIt() async throws {
        let error = await #expect(throws: RecordingError.self) {
            try await self.replay(Data([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00]))
        }
        #expect(error?.description.contains("xz --decompress") == true)
    }
}
