import Foundation
import Supervision
import Testing

struct DecisionReportTests {
    private static let json = """
        {"request_id":"5b1d-12","callback":"spam_checker/user_may_invite","outcome":"answer","decided_by":"link-guard","epoch":7,
         "age_ms":3200,"duration_ms":1.25,"steps_forgotten":STEPS,
         "steps":[{"module":"directory","version":"","incarnation":"","verdict":"none_up","duration_ms":0},
                  {"module":"link-guard","version":"1.0.0","incarnation":"9f0c","verdict":"answer","duration_ms":0.31}]}
        """

    private func report(forgotten: Int) throws -> DecisionReport {
        let text = Self.json.replacingOccurrences(of: "STEPS", with: "\(forgotten)")
        return try JSONDecoder().decode(DecisionReport.self, from: Data(text.utf8))
    }

    @Test func aDecisionIsShownWithItsSteps() throws {
        let lines = try self.report(forgotten: 0).text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "spam_checker/user_may_invite: answer, decided by link-guard")
        #expect(lines[1] == "request 5b1d-12, epoch 7, 1.2 ms, 3 s ago")
        #expect(lines[3].hasPrefix("MODULE"))
        #expect(lines[4].hasPrefix("directory"))
        #expect(lines[4].contains("none_up"))
        #expect(lines[5].contains("9f0c"))
    }

    @Test func stepsThatAreNotKeptAreSaidToBeSo() throws {
        #expect(try self.report(forgotten: 2).text.contains("the first 2 steps are not kept any more"))
    }

    @Test func aListHasALineForEach() throws {
        let decision = Self.json.replacingOccurrences(of: "STEPS", with: "0")
        let lists = ["{\"kept\":1,\"decisions\":[\(decision)]}", "{\"kept\":0,\"decisions\":[]}"].map { Data($0.utf8) }
        let texts = try lists.map { try JSONDecoder().decode(DecisionList.self, from: $0).text }
        #expect(texts[0].contains("5b1d-12"))
        #expect(texts[1] == "no calls of callbacks are kept")
    }
}
