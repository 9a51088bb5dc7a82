import Testing

@testable import ZeroMQ

struct PatienceTests {
    /// How often it gives way after work, before it sleeps.
    private func attempts(of patience: inout Patience, asleep: Duration = .seconds(1)) -> Int {
        patience.worked()
        var count = 0
        while patience.givesWay() { count += 1 }
        patience.slept(for: asleep)
        return count
    }

    @Test func aNewLoopGivesWayOnceAndThenSleeps() {
        var patience = Patience()
        let attempts = self.attempts(of: &patience)
        #expect(attempts == 1)
        let more = patience.givesWay()
        #expect(!more)
    }

    @Test func workThatCameWhileItGaveWayMakesItAsPatientAsItMayBe() {
        var patience = Patience()
        patience.worked()
        let first = patience.givesWay()
        #expect(first)
        let attempts = self.attempts(of: &patience)
        #expect(attempts == Patience.most)
    }

    @Test func eachWaitInVainHalvesThePatience() {
        var patience = Patience()
        patience.worked()
        _ = patience.givesWay()
        let waits = (0..<11).map { _ in self.attempts(of: &patience) }
        #expect(waits == [256, 128, 64, 32, 16, 8, 4, 2, 1, 1, 1])
    }

    @Test func aShortSleepMakesItAsPatientAsItMayBeForWaitingWouldHavePaid() {
        var patience = Patience()
        _ = self.attempts(of: &patience, asleep: Patience.shortSleep)
        let attempts = self.attempts(of: &patience)
        #expect(attempts == Patience.most)
    }

    @Test func aLoopThatOnlyEverWorksStaysAsItWas() {
        var patience = Patience()
        for _ in 0..<100 { patience.worked() }
        let attempts = self.attempts(of: &patience)
        #expect(attempts == 1)
    }
}
