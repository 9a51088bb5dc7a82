import Foundation
import Logging
import MessageBus
import Synchronization
import Testing
import WireProtocol
import ZeroMQ

@testable import Caching
@testable import ModuleSDK

/// A cache service on a real socket in this process, which a test can kill and start again.
final class TestCacheService: Sendable {
    /// One start of the service, with all that a process would have of its own.
    private struct Life {
        let task: Task<Void, any Error>
        let loop: PollLoop
    }

    let folder: URL
    let endpoint: String
    private let context: Context
    private let life = Mutex<Life?>(nil)

    init() throws {
        self.folder = URL(filePath: "/tmp/gc-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.endpoint = "ipc://\(self.folder.path)/cache.sock"
        self.context = try Context()
    }

    func start() throws {
        let loop = PollLoop(label: "cache-service")
        try loop.start()
        let service = CacheService(
            folder: self.folder.path,
            endpoints: [self.endpoint],
            loop: loop,
            context: try Context(),
            logger: Logger(label: "cache-service", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        // Unstructured, because the test decides when it ends.
        let task = Task { try await service.run() }
        self.life.withLock { $0 = Life(task: task, loop: loop) }
    }

    /// Ends the service; all that it kept is gone.
    func kill() async throws {
        let life = self.life.withLock { life in
            defer { life = nil }
            return life
        }
        guard let life else { return }
        life.task.cancel()
        _ = await life.task.result
        life.loop.stop()
        await life.loop.waitUntilStopped()
    }

    func stop() async throws {
        try await self.kill()
        try FileManager.default.removeItem(at: self.folder)
    }

    /// Runs something in a process's worth of connections: a client with its own socket and thread.
    func withProcess(
        _ name: String,
        staleness: Duration = .milliseconds(200),
        _ body: (TestProcess) async throws -> Void
    ) async throws {
        let loop = PollLoop(label: name)
        try loop.start()
        let cache = CacheClient(configuration: CacheClientConfiguration(staleness: staleness), executor: loop)
        let connection = BusConnection(
            configuration: BusConnectionConfiguration(endpoint: self.endpoint, id: name, role: .host),
            loop: loop,
            context: self.context,
            delegate: cache,
            logger: Logger(label: name)
        )
        cache.connect(connection)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.run() }
            group.addTask { try await cache.run() }
            try await body(TestProcess(name: name, cache: cache))
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
        loop.stop()
        await loop.waitUntilStopped()
    }
}

/// What a module's process has.
struct TestProcess {
    let name: String
    let cache: CacheClient

    /// The API of one replica of the module `m`.
    func makeAPI() -> ModuleAPI {
        ModuleAPI(moduleID: "m", logger: Logger(label: self.name), caller: NoBus(), cache: self.cache)
    }

    /// Waits until the process may serve from its near cache.
    func waitUntilFresh() async throws {
        try await self.wait(until: "it is fresh") { self.cache.isFresh }
    }

    /// Waits until what the process was promised has lapsed, which is a matter of time and not of an event.
    func waitUntilStale() async throws {
        try await self.wait(until: "it is not fresh any more") { !self.cache.isFresh }
    }

    /// Waits until the service has let somebody wait for the load of another process.
    func waitUntilALoadIsWaitedFor() async throws {
        try await self.wait(until: "a load is waited for") {
            let reply = try await self.cache.call(BusRequest(target: CacheTarget.stats, budget: .seconds(5)))
            return try (JSONValue(parsing: reply.body)["waits"]?.integer ?? 0) > 0
        }
    }

    private func wait(until expectation: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "\(self.name): not within 30 s: \(expectation)")
            // The pause between two looks.
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// A module on no bus.
struct NoBus: BusCaller, ReadinessSink {
    func announce(_ readiness: Readiness) {}

    func call(_ request: BusRequest) async throws(BusError) -> BusReply {
        throw BusError(.notConnected, "this test has no bus")
    }
}

/// A source of values that counts its loads.
final class Source: Sendable {
    private let state = Mutex((version: 0, loads: 0))

    var version: Int { self.state.withLock(\.version) }
    var loads: Int { self.state.withLock(\.loads) }

    func write() -> Int {
        self.state.withLock { state in
            state.version += 1
            return state.version
        }
    }

    func load() -> Int {
        self.state.withLock { state in
            state.loads += 1
            return state.version
        }
    }
}

/// Gives a test two processes and the service between them.
func withTwoProcesses(
    staleness: Duration = .milliseconds(200),
    _ body: (TestCacheService, TestProcess, TestProcess) async throws -> Void
) async throws {
    let service = try TestCacheService()
    try service.start()
    try await service.withProcess("first", staleness: staleness) { first in
        try await service.withProcess("second", staleness: staleness) { second in
            try await first.waitUntilFresh()
            try await second.waitUntilFresh()
            try await body(service, first, second)
        }
    }
    try await service.stop()
}
