import Glibc
import Testing

@testable import ZeroMQ

struct CrowdingTests {
    private let start = ContinuousClock.now

    /// Waits a long time as often as it takes, and says when the processors were found crowded.
    private func crowd(_ crowding: inout Crowding, from time: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        var now = time
        for _ in 0..<Crowding.longWaitsMax {
            now += Crowding.longWait
            if crowding.gaveWay(for: Crowding.longWait, at: now) { return now }
        }
        return nil
    }

    @Test func severalLongWaitsWithinAMomentMeanThatOthersWantTheProcessors() {
        var crowding = Crowding()
        let found = self.crowd(&crowding, from: self.start)
        #expect(found == self.start + Crowding.longWait * Crowding.longWaitsMax)
        #expect(crowding.isCrowded)
    }

    @Test func longWaitsNowAndThenAreNobodysFault() {
        var crowding = Crowding()
        for round in 0..<10 {
            for _ in 1..<Crowding.longWaitsMax {
                let isFound = crowding.gaveWay(for: .milliseconds(20), at: self.start + Crowding.moment * round)
                #expect(!isFound)
            }
        }
        #expect(!crowding.isCrowded)
    }

    @Test func shortWaitsNeverMeanAnything() {
        var crowding = Crowding()
        for _ in 0..<1000 {
            let isFound = crowding.gaveWay(for: Crowding.longWait - .nanoseconds(1), at: self.start)
            #expect(!isFound)
        }
    }

    @Test func kindnessIsTriedAgainAndLessOftenAsLongAsItDoesNotPay() throws {
        var crowding = Crowding()
        var now = self.start
        for seconds in [1, 2, 4, 8, 16, 32, 32] {
            now = try #require(self.crowd(&crowding, from: now))
            let isTooEarly = crowding.relax(at: now + .seconds(seconds) - .nanoseconds(1))
            #expect(!isTooEarly)
            now += .seconds(seconds)
            let hasRelaxed = crowding.relax(at: now)
            #expect(hasRelaxed)
            let isRelaxedTwice = crowding.relax(at: now)
            #expect(!isRelaxedTwice)
        }
        now += .seconds(60)
        now = try #require(self.crowd(&crowding, from: now))
        let isSoonAgain = crowding.relax(at: now + Crowding.shortestPause)
        #expect(isSoonAgain, "what was calm for long starts anew")
    }

    @Test func aPolicyReachesTheCallingThreadAndThoseOfLibzmq() async throws {
        try await withPollLoop { loop in
            let context = try Context()
            let policies = try await loop.value {
                // The first socket starts libzmq's threads, which give themselves their names.
                let dealer = try Socket(.dealer, in: context)
                defer { dealer.close() }
                let deadline = ContinuousClock.now + .seconds(10)
                var threads: [pid_t] = []
                while threads.isEmpty, .now < deadline {
                    threads = ProcessThreads.ids.filter { ProcessThreads.name(of: $0).hasPrefix("ZMQbg/IO") }
                    sched_yield()
                }
                let before = sched_getscheduler(0)
                ThreadScheduling.ordinary.applyToMessageThreads()
                return [before, sched_getscheduler(0)] + threads.map { sched_getscheduler($0) }
            }
            #expect(policies.first != SCHED_OTHER)
            #expect(policies.count > 2)
            #expect(policies.dropFirst().allSatisfy { $0 == SCHED_OTHER })
        }
    }
}
