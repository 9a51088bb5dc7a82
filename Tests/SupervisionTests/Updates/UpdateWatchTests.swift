import Testing

@testable import Supervision

struct UpdateWatchTests {
    private func list(_ items: Int?, of total: Int? = 1000, standing: String = "ready") -> UpdateList {
        UpdateList(updates: [
            UpdateReport(name: "fill", database: "main", standing: standing, items: items, totalItems: total),
            UpdateReport(name: "unknown", database: "main", standing: "no_handler"),
            UpdateReport(name: "other", database: "main", standing: UpdateReport.notPending),
        ])
    }

    @Test func aTerminalGetsABarWithTheRateSinceTheWatchBegan() {
        var watch = UpdateWatch([], output: .terminal)
        _ = watch.take(self.list(100), elapsed: .zero)
        let (text, outcome) = watch.take(self.list(500), elapsed: .seconds(2))
        let bar = String(repeating: "#", count: 15) + String(repeating: ".", count: 15)
        #expect(text == "\r\u{1B}[2Kfill [\(bar)] 50 %  500 of 1000 rows  200 rows/s")
        #expect(outcome == nil)
    }

    @Test func aLogGetsALineAtEachQuarterAndOneAtTheEnd() {
        var watch = UpdateWatch([], output: .plain)
        var text = ""
        for items in stride(from: 0, through: 1000, by: 50) {
            text += watch.take(self.list(items), elapsed: .milliseconds(items)).text
        }
        let (farewell, outcome) = watch.take(UpdateList(updates: []), elapsed: .seconds(2))
        let lines = (text + farewell).split(separator: "\n")
        #expect(lines.map { $0.prefix(10) } == ["fill: 25 %", "fill: 50 %", "fill: 75 %", "fill: 100 ", "fill: done"])
        #expect(outcome == .done)
    }

    @Test func nothingPendingIsTheEnd() {
        var watch = UpdateWatch(["other"], output: .plain)
        let (text, outcome) = watch.take(self.list(5), elapsed: .zero)
        #expect(text.isEmpty)
        #expect(outcome == .done)
    }

    @Test func aNameOfNoUpdateIsNotTakenForDone() {
        var watch = UpdateWatch(["other", "fil"], output: .plain)
        #expect(watch.take(self.list(5), elapsed: .zero).outcome == .unknown(["fil"]))
    }

    @Test func whatWasPendingAndIsGoneIsDone() {
        var watch = UpdateWatch(["fill"], output: .plain)
        #expect(watch.take(self.list(5), elapsed: .zero).outcome == nil)
        #expect(watch.take(UpdateList(updates: []), elapsed: .seconds(1)).outcome == .done)
    }

    @Test func whatNobodyDeclaredIsNotWaitedForUnlessItIsNamed() {
        var all = UpdateWatch([], output: .plain)
        let unknown = UpdateList(updates: [.init(name: "unknown", database: "main", standing: "no_handler")])
        #expect(all.take(unknown, elapsed: .zero).outcome == .done)
        var named = UpdateWatch(["unknown"], output: .plain)
        #expect(named.take(unknown, elapsed: .zero).outcome == .stuck(unknown.updates))
    }

    @Test(arguments: ["paused", "set_aside"])
    func whatWaitsForAPersonEndsTheWatch(standing: String) throws {
        var watch = UpdateWatch(["fill"], output: .plain)
        let outcome = try #require(watch.take(self.list(5, standing: standing), elapsed: .zero).outcome)
        guard case .stuck(let updates) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(updates.map(\.name) == ["fill"])
    }

    @Test func whatBacksOffIsWaitedFor() {
        var watch = UpdateWatch(["fill"], output: .plain)
        #expect(watch.take(self.list(5, standing: "backing_off"), elapsed: .zero).outcome == nil)
    }

    @Test func anUpdateThatNobodyHasCountedHasNoFraction() {
        var watch = UpdateWatch([], output: .terminal)
        let (text, _) = watch.take(self.list(nil, of: nil), elapsed: .zero)
        #expect(text.hasSuffix("0 %  not begun"))
    }
}
