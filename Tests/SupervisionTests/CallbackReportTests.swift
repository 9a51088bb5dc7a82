import Supervision
import Testing
import WireProtocol

struct CallbackReportTests {
    private static let callback: JSONValue = [
        "category": "spam_checker", "name": "user_may_invite", "summary": "May this user invite that one?",
        "since": "1.37.0", "notes": "Three arguments.", "rule": "first_answer", "neutral": ["NOT_SPAM"],
        "arguments": [
            ["name": "inviter", "type": "string"], ["name": "room", "type": "object|null", "optional": true],
        ],
        "result": "\"NOT_SPAM\"", "deprecated_result": "boolean", "default": "NOT_SPAM", "deadline_ms": 5000,
        "deprecated": ["since": "2.0", "use": "newer"], "idempotent": true, "experimental": false,
        "failure": ["timeout": "continue", "invalid_result": ["stop_with": "M_FORBIDDEN"]],
        "chain": [
            [
                "module": "link-guard", "up": true,
                "counters": ["calls": 3, "answers": 1, "continues": 2, "fail_opens": 0],
            ],
            ["module": "other", "up": false],
        ],
        "outcomes": [
            "calls": 3, "answers": 1, "continues": 1, "none_registered": 0, "none_up": 1, "failed": 0, "fail_opens": 0,
        ],
    ]

    @Test func theListHasALineForEachCallbackBelowItsCategory() throws {
        let answer: JSONValue = ["categories": [["name": "spam_checker"]], "callbacks": [Self.callback]]
        #expect(
            try CallbackReport(answer).text() == """
                CALLBACK           RULE          CHAIN                     CALLS  DECIDED  NO OPINION  NOBODY  FAILED
                spam_checker
                  user_may_invite  first_answer  link-guard, other (down)  3      1        1           1       0
                """
        )
    }

    @Test func oneCallbackIsShownWhole() throws {
        let text = try CallbackDetail(Self.callback).text()
        for part in [
            "spam_checker/user_may_invite  (since 1.37.0)", "May this user invite that one?\nThree arguments.",
            "room      object|null  (optional)", "deprecated  boolean", "first_answer, neutral [\"NOT_SPAM\"]",
            "5000 ms",
            "deprecated since 2.0, use newer, idempotent", "stop with \"M_FORBIDDEN\"", "1  link-guard  up",
            "2  other       down",
            "calls 3, answers 1",
        ] {
            #expect(text.contains(part), "\(part) is missing in\n\(text)")
        }
    }

    @Test func aCallbackThatNobodyRegisteredSaysSo() throws {
        var callback = Self.callback.object ?? [:]
        callback["chain"] = []
        #expect(try CallbackDetail(.object(callback)).text().contains("no module has registered it"))
    }

    @Test func anAnswerOfAnotherFormIsAnErrorThatNamesThePlace() {
        #expect(throws: JSONError.self) { try CallbackReport(["callbacks": 5]) }
        #expect(throws: JSONError.self) { try CallbackDetail(["category": "a"]).text() }
    }
}
