import Supervision
import Testing

struct WaitingNoticeTests {
    /// Whether it was time to look, after each of the waits.
    private func looks(_ waits: Duration...) -> [Bool] {
        var notice = WaitingNotice()
        return waits.map { notice.isDue(after: $0) }
    }

    @Test func aShortWaitIsNoNews() {
        #expect(self.looks(.zero, .milliseconds(1999), .seconds(2)) == [false, false, true])
    }

    @Test func nobodyLooksMoreThanOnceASecond() {
        #expect(self.looks(.seconds(2), .milliseconds(2500), .seconds(3)) == [true, false, true])
    }

    @Test func whatIsWaitedForIsSaidWhenItChangesAndNowAndThenWhenItDoesNot() {
        var notice = WaitingNotice()
        let waits: [(String, Int)] = [
            ("a is starting", 2), ("a is starting", 5), ("a is refused", 6), ("a is refused", 20), ("a is refused", 21),
        ]
        let said = waits.map { notice.text($0.0, after: .seconds($0.1), of: .seconds(60)) }
        #expect(
            said == [
                "waiting since 2 s, for 60 s at most: a is starting", nil,
                "waiting since 6 s, for 60 s at most: a is refused", nil,
                "waiting since 21 s, for 60 s at most: a is refused",
            ]
        )
    }

    @Test func aMissingModuleIsNamedWithItsReason() {
        var module = ModuleReport(id: "link-guard", state: "configuration_error")
        module.reasons = [.init(code: nil, item: "modules[1].config.words", message: "expected a list")]
        let status = PlatformStatus(epoch: 1, modules: [module])
        #expect(
            status.text(ofMissing: ["link-guard", "other"])
                == "link-guard is configuration_error (modules[1].config.words: expected a list), other is not there"
        )
    }
}
