import CacheHistory
import Foundation
import SeededRandom
import Testing
import WireProtocol

extension IntegrationTests {
    /// What two processes of one module served while users changed, as it was recorded.
    @Suite(.timeLimit(.minutes(3)))
    struct CacheHistoryTests {
        private static let users = ["ada", "alan", "barbara", "grace"]
        private static let modules = """
              - module: directory
                run: ["directory-module"]
                instances: 2
                config: { file: users.json, users: { ada: engines, alan: engines, barbara: engines, grace: engines } }
            """
        private static let promised = Duration.seconds(2)
        /// One more in half a minute, and a supervisor gives the service up.
        private static let kills = 4

        private static func environment(_ name: String) -> Int? {
            ProcessInfo.processInfo.environment[name].flatMap(Int.init)
        }

        /// Reads and writes for a while, kills the cache service again and again meanwhile, and looks through the recorded history.
        ///
        /// `GANGLION_CACHE_HISTORY_SECONDS` makes it longer, `GANGLION_CACHE_HISTORY_SEED` moves the kills.
        @Test func noProcessServesAnOldUserForLongerThanPromised() async throws {
            let length = max(20, Self.environment("GANGLION_CACHE_HISTORY_SECONDS") ?? 20)
            let moments = Self.moments(in: length, seed: Self.environment("GANGLION_CACHE_HISTORY_SEED") ?? 1)
            try await TestPlatform.run(modules: Self.modules, extra: "cache: {}") { platform in
                try await CacheTests.waitForPeers(platform)
                let traffic = DirectoryTraffic(platform, users: Self.users)
                try await eventually("both processes are asked", within: .seconds(20)) {
                    await withDiscardingTaskGroup { group in
                        for _ in 0..<8 { group.addTask { await traffic.read() } }
                    }
                    let instances = try await platform.module("directory")["instances"]?.array ?? []
                    return instances.count == 2 && instances.allSatisfy { ($0["calls"]?.integer ?? 0) > 0 }
                }
                let start = ContinuousClock.now
                let end = start + .seconds(length)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask { while ContinuousClock.now < end { await traffic.read() } }
                    }
                    for user in Self.users {
                        group.addTask { try await Self.write(user, traffic, until: end) }
                    }
                    group.addTask {
                        for moment in moments { try await Self.killTheCacheService(of: platform, at: start + moment) }
                    }
                    try await group.waitForAll()
                }
                let history = traffic.history
                let summary = "\(history.readCount) reads, \(history.writeCount) writes, killed after \(moments)"
                print("history of the directory: \(summary)")
                #expect(history.violations(staleness: Self.promised) == [], "\(summary)")
                #expect(history.readCount > 100 && history.writeCount > 10, "\(summary)")
            }
        }

        /// The check finds what it is for, and the processes do keep what they have loaded.
        @Test func aChangeThatNobodyInvalidatesIsFoundInTheHistory() async throws {
            try await TestPlatform.run(modules: Self.modules, extra: "cache: {}") { platform in
                try await CacheTests.waitForPeers(platform)
                let traffic = DirectoryTraffic(platform, users: Self.users)
                for _ in 0..<50 { await traffic.read() }
                try traffic.writeBehindTheModulesBack(platform.folder.appending(path: "users.json"))
                try await eventually("an old user is served for longer than promised", within: .seconds(20)) {
                    await traffic.read()
                    return !traffic.history.violations(staleness: Self.promised).isEmpty
                }
            }
        }

        /// When the service is killed, one moment in each equal part of a time, far enough from the next one for it to come back.
        private static func moments(in seconds: Int, seed: Int) -> [Duration] {
            var random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
            return (0..<Self.kills).map { part in
                let place = Double(part) + Double.random(in: 0.2..<0.8, using: &random)
                return .milliseconds(Int(place / Double(Self.kills) * Double(seconds) * 1000))
            }
        }

        private static func write(
            _ user: String,
            _ traffic: DirectoryTraffic,
            until end: ContinuousClock.Instant
        ) async throws {
            while ContinuousClock.now < end {
                try await traffic.write(user)
                // A writer that never rests would leave nothing to be served from a cache.
                try await ContinuousClock().sleep(for: .milliseconds(Int.random(in: 20...400)))
            }
        }

        /// Kills it at a moment, and while it is in use: a service that is not back yet is waited for.
        private static func killTheCacheService(
            of platform: TestPlatform,
            at moment: ContinuousClock.Instant
        ) async throws {
            try await ContinuousClock().sleep(until: moment)
            try await CacheTests.waitForPeers(platform)
            try platform.signal("cache-service", SIGKILL)
        }
    }
}
