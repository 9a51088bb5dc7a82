import Synchronization
import WireProtocol

/// What was written to one user of the directory and read of it, and when.
final class DirectoryHistory: Sendable {
    struct Report {
        var violations: [String]
        var reads: Int
        var writes: Int

        var summary: String { "\(self.reads) reads, \(self.writes) writes" }
    }

    private struct Read {
        var version: Int
        var began: ContinuousClock.Instant
    }

    private struct State {
        var version = 0
        var reads: [Read] = []
        /// In order, for there is one writer.
        var acknowledged: [(version: Int, at: ContinuousClock.Instant)] = []
    }

    private let platform: TestPlatform
    private let path: String
    private let state = Mutex(State())

    init(_ platform: TestPlatform, path: String) {
        self.platform = platform
        self.path = path
    }

    /// Reads the user; an answer that is none says nothing.
    func read() async throws {
        let began = ContinuousClock.now
        let response = try await self.platform.get(self.path)
        guard response.status == 200, let department = response.json["department"]?.string else { return }
        let version = Int(department.drop { !$0.isNumber }) ?? 0
        self.state.withLock { $0.reads.append(Read(version: version, began: began)) }
    }

    /// Writes the user; what is not acknowledged promises nothing.
    func write() async throws {
        let version = self.state.withLock { state in
            state.version += 1
            return state.version
        }
        let response = try await self.platform.send(
            "POST",
            self.path,
            body: Payload("{\"department\":\"department \(version)\"}")
        )
        guard response.status == 200 else { return }
        self.state.withLock { $0.acknowledged.append((version, .now)) }
        // A writer that never rests would leave nothing to be served from a cache.
        try await ContinuousClock().sleep(for: .milliseconds(Int.random(in: 5...100)))
    }

    /// What was out of date for longer than promised.
    func report(staleness: Duration) -> Report {
        self.state.withLock { state in
            let violations = state.reads.compactMap { read -> String? in
                let promise = state.acknowledged.last { $0.at < read.began - staleness }
                guard let promise, promise.version > read.version else { return nil }
                return
                    "read \(read.version) when \(promise.version) had been acknowledged \(read.began - promise.at) before"
            }
            return Report(violations: violations, reads: state.reads.count, writes: state.acknowledged.count)
        }
    }
}
