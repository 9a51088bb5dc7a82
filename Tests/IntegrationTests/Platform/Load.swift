import Synchronization
import Testing
import WireProtocol

/// Requests to a platform, one after the other in each of several tasks, and what became of them.
final class Load: Sendable {
    private struct Tally {
        var statuses: [Int: Int] = [:]
        var connectionErrors = 0
        var slowest = Duration.zero
        var isStopped = false
    }

    private let platform: TestPlatform
    private let tally = Mutex(Tally())

    init(_ platform: TestPlatform) {
        self.platform = platform
    }

    var answers: Int { self.tally.withLock { $0.statuses[200] ?? 0 } }

    func stop() {
        self.tally.withLock { $0.isStopped = true }
    }

    /// Sends requests until ``stop()``, to a module's web resource and to a callback in turn.
    func run() async throws {
        var isWeb = true
        while !self.tally.withLock(\.isStopped) {
            let start = ContinuousClock.now
            let status = await self.send(isWeb: isWeb)
            let duration = ContinuousClock.now - start
            self.tally.withLock { tally in
                if let status { tally.statuses[status, default: 0] += 1 } else { tally.connectionErrors += 1 }
                tally.slowest = max(tally.slowest, duration)
            }
            // A gateway that is not there answers at once: no use asking it thousands of times a second.
            if status == nil { try await ContinuousClock().sleep(for: .milliseconds(5)) }
            isWeb.toggle()
        }
    }

    /// The status, or `nil` when there was no HTTP answer.
    private func send(isWeb: Bool) async -> Int? {
        do {
            if isWeb { return try await self.platform.get("/_modules/directory/users/%40alice%3Aexample.com").status }
            return try await self.platform.ask("spam_checker", "check_event_for_spam", ["event": ["content": [:]]])
                .status
        } catch {
            return nil
        }
    }

    /// Every request got an answer, in time, and none that is not a named failure.
    func check(victim: String) {
        let tally = self.tally.withLock { $0 }
        let allowed: Set = [200, 502, 503, 504]
        #expect(Set(tally.statuses.keys).isSubset(of: allowed), "\(tally.statuses)")
        #expect(tally.slowest < .seconds(4), "the slowest took \(tally.slowest)")
        if victim != "gateway" { #expect(tally.connectionErrors == 0) }
        #expect((tally.statuses[200] ?? 0) > 100)
    }
}
