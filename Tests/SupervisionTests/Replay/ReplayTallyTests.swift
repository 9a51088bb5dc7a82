import Recordings
import Testing
import WireProtocol

@testable import Supervision

struct ReplayTallyTests {
    @Test(arguments: [
        (200, #"{"outcome":"answer","result":"M_FORBIDDEN"}"#, "answer", false),
        (200, #"{"outcome":"none_registered","result":null}"#, "none_registered", false),
        (200, #"{"outcome":"failed"}"#, "failed", true),
        (200, "<html>", "HTTP 200", true),
        (504, #"{"errcode":"G_TIMEOUT","error":"late"}"#, "G_TIMEOUT", true),
        (502, "", "HTTP 502", true),
    ])
    func anAnswerOfTheGatewayIsRead(status: Int, body: String, name: String, isFailure: Bool) {
        let outcome = ReplayOutcome(status: status, body: Payload(body))
        #expect(outcome.name == name)
        #expect(outcome.isFailure == isFailure)
    }

    @Test
    func theTableHasARowACallbackAndAColumnAnOutcome() throws {
        var tally = ReplayTally()
        let invite = try Self.call("user_may_invite", line: 1)
        let check = try Self.call("check_event_for_spam", line: 2)
        for _ in 0..<2 { tally.record(.decided("continue"), of: invite) }
        tally.record(.decided("answer"), of: check)
        tally.record(.failed(code: "G_LOST", message: "the module went away"), of: check)
        let expected = """
            CALLBACK                           CALLS  answer  continue  G_LOST
            spam_checker/check_event_for_spam  2      1       -         1
            spam_checker/user_may_invite       2      -       2         -
            total                              4      1       2         1
            4 calls in 2.0 s, 2 a second, 1 errors
              line 2: spam_checker/check_event_for_spam: G_LOST: the module went away
            """
        #expect(tally.table(elapsed: .seconds(2)) == expected)
        #expect(!tally.isClean)
    }

    @Test
    func theTallyAsJSONHasTheSameCounts() throws {
        var tally = ReplayTally()
        tally.record(.decided("answer"), of: try Self.call("user_may_invite", line: 1))
        tally.record(badLine: 9, JSONError("expected an object"))
        let json = tally.json(elapsed: .milliseconds(1500))
        #expect(json["calls"] == 1)
        #expect(json["bad_lines"] == 1)
        #expect(json["elapsed_ms"] == 1500)
        #expect(json["callbacks"] == ["spam_checker/user_may_invite": ["answer": 1]])
        #expect(json["complaints"] == [["line": 9, "message": "is no call: expected an object"]])
    }

    @Test
    func onlyTheFirstComplaintsAreKeptAndAllAreCounted() throws {
        var tally = ReplayTally()
        for line in 1...1000 {
            tally.record(.failed(code: "G_LOST", message: "gone"), of: try Self.call("user_may_invite", line: line))
        }
        #expect(tally.errors == 1000)
        #expect(tally.complaints.map(\.line) == Array(1...ReplayTally.complaintsMax))
        #expect(tally.table(elapsed: .zero).hasSuffix("  and 980 more"))
    }

    @Test
    func aReplayWithoutCallsIsATableWithoutOutcomes() {
        #expect(ReplayTally().table(elapsed: .zero).contains("0 calls in 0.0 s, 0 errors"))
        #expect(ReplayTally().isClean)
    }

    static func call(_ callback: String, line: Int) throws -> RecordedCall {
        let text = #"{"category":"spam_checker","callback":"\#(callback)","args":{}}"#
        return try RecordedCall(parsing: Array(text.utf8), line: line)
    }
}
