import CacheHistory
import Caching
import Foundation
import ModuleSDK
import Testing

/// Cached functions of two processes, over real sockets.
@Suite(.timeLimit(.minutes(3)), .serialized)
struct CachedFunctionProcessesTests {
    @Test func oneLoadIsEnoughForTwoProcesses() async throws {
        try await withTwoProcesses { _, first, second in
            let gate = Gate()
            let functions = [first, second].map { process in
                process.makeAPI().registerCachedFunction("version") { (_: String) in
                    await gate.pass()
                    return 7
                }
            }
            let results = try await withThrowingTaskGroup(of: Int.self) { group in
                // Whatever becomes of this, no load is left waiting.
                defer { gate.open() }
                for function in functions {
                    for _ in 0..<20 { group.addTask { try await function("a") } }
                }
                try await first.waitUntilALoadIsWaitedFor()
                gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results == Array(repeating: 7, count: 40))
            #expect(gate.passed == 1)
        }
    }

    /// The other process asks again and again meanwhile.
    @Test func aLoadOfAnotherProcessIsWaitedForLongerThanOneCallTakes() async throws {
        let staleness = Duration.seconds(1)
        try await withTwoProcesses(staleness: staleness) { _, first, second in
            let source = Source()
            let functions = [first, second].map { process in
                process.makeAPI().registerCachedFunction("version") { (_: String) in
                    try await Task.sleep(for: staleness)
                    return source.load()
                }
            }
            async let one = functions[0]("a")
            async let other = functions[1]("a")
            let versions = try await [one, other]
            #expect(versions == [0, 0])
            #expect(source.loads == 1)
        }
    }

    @Test func anInvalidationInOneProcessIsSeenByTheOther() async throws {
        try await withTwoProcesses { _, first, second in
            let source = Source()
            let api = first.makeAPI()
            let here = api.registerCachedFunction("version") { (_: String) in source.load() }
            let there = second.makeAPI().registerCachedFunction("version") { (_: String) in source.load() }
            #expect(try await here("a") == 0)
            #expect(try await there("a") == 0)
            let version = source.write()
            try await api.invalidateCache(here, key: "a")
            #expect(try await here("a") == version)
            // The push and the proof travel on one connection: nothing acknowledged is missing after the next proof.
            await second.cache.ping()
            #expect(try await there("a") == version)
        }
    }

    @Test func withoutTheServiceValuesAreLoadedAndNotKept() async throws {
        try await withTwoProcesses { service, first, _ in
            let source = Source()
            let function = first.makeAPI().registerCachedFunction("version") { (_: String) in source.load() }
            _ = try await function("a")
            try await service.kill()
            try await first.waitUntilStale()
            _ = try await function("a")
            _ = try await function("a")
            #expect(source.loads == 3)
            try service.start()
            try await first.waitUntilFresh()
            _ = try await function("a")
            _ = try await function("a")
            #expect(source.loads == 4)
        }
    }

    @Test func anInvalidationThatNobodyAcknowledgesIsAnError() async throws {
        let service = try TestCacheService()
        try await service.withProcess("alone") { _ in
            let cache = CacheClient(
                configuration: CacheClientConfiguration(invalidationMax: .milliseconds(200))
            )
            let error = await #expect(throws: CacheError.self) { try await cache.invalidate(["#a"]) }
            #expect(error?.code == .unreachable)
        }
        try await service.stop()
    }

    @Test func aLoadThatItsProcessDoesNotFinishIsDoneByTheNext() async throws {
        let service = try TestCacheService()
        try service.start()
        try await service.withProcess("second") { second in
            let source = Source()
            let function = second.makeAPI().registerCachedFunction("version") { (_: String) in source.load() }
            try await second.waitUntilFresh()
            try await service.withProcess("first") { first in
                try await first.waitUntilFresh()
                guard case .lease = await first.cache.obtain("m.version@1/a", tags: ["=m.version/a"]) else {
                    Issue.record("nobody else can have the lease")
                    return
                }
            }
            // The first process is gone with its lease, which would last for ten seconds.
            let began = ContinuousClock.now
            #expect(try await function("a") == 0)
            #expect(ContinuousClock.now - began < .seconds(5))
        }
        try await service.stop()
    }

    /// Reads and writes for a while in two processes while the service is killed and started again, and looks through the recorded history.
    ///
    /// `GANGLION_CACHE_HISTORY_SECONDS` makes it longer.
    @Test func noProcessServesLongerThanPromisedWhileTheServiceIsKilled() async throws {
        let text = ProcessInfo.processInfo.environment["GANGLION_CACHE_HISTORY_SECONDS"]
        let length = Duration.seconds(text.flatMap(Int.init) ?? 4)
        let staleness = Duration.milliseconds(300)
        try await withTwoProcesses(staleness: staleness) { service, first, second in
            let traffic = HistoryTraffic(keys: 4)
            let end = ContinuousClock.now + length
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in [first, second] {
                    let api = process.makeAPI()
                    let function = api.registerCachedFunction("history") { (key: Int) in
                        let version = traffic.load(key)
                        // How long a load takes.
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...4)))
                        return version
                    }
                    for _ in 0..<2 {
                        group.addTask {
                            while ContinuousClock.now < end {
                                try await traffic.read(function)
                                // How long a reader rests.
                                try await Task.sleep(for: .microseconds(200))
                            }
                        }
                    }
                    group.addTask {
                        while ContinuousClock.now < end {
                            try await traffic.write { try await api.invalidateCache(function, key: $0) }
                            // How long a writer rests: one that never does would leave nothing to be served from a cache.
                            try await Task.sleep(for: .milliseconds(Int.random(in: 5...60)))
                        }
                    }
                }
                group.addTask {
                    while ContinuousClock.now < end {
                        // How long the service lives, and how long it is away.
                        try await Task.sleep(for: .milliseconds(Int.random(in: 400...900)))
                        try await service.kill()
                        try await Task.sleep(for: .milliseconds(Int.random(in: 50...500)))
                        try service.start()
                    }
                }
                try await group.waitForAll()
            }
            let history = traffic.history
            #expect(history.violations(staleness: staleness) == [], "\(traffic.summary)")
            #expect(history.readCount > 100 && history.writeCount > 10, "\(traffic.summary)")
            // Most reads were answered without a load: the promise is not kept by never serving.
            #expect(traffic.loads < history.readCount, "\(traffic.summary)")
        }
    }
}
