import MessageBus
import Synchronization
import Testing
import WireProtocol

@testable import Caching
@testable import ModuleSDK
@testable import ModuleTestKit

/// Cached functions of one process and more, on the rules of the real service in memory.
@Suite(.timeLimit(.minutes(1)))
struct CachedFunctionTests {
    private struct Failure: Error {}

    /// The API of a replica of the module `m`.
    private static func makeAPI(_ cache: InMemoryCache = InMemoryCache()) async -> ModuleAPI {
        TestProcess(name: "m", cache: await cache.makeClient()).makeAPI()
    }

    @Test func aValueIsLoadedOnce() async throws {
        let source = Source()
        let function = await Self.makeAPI().registerCachedFunction("f") { (_: String) in source.load() }
        for _ in 0..<3 { _ = try await function("a") }
        #expect(source.loads == 1)
        _ = try await function("b")
        #expect(source.loads == 2)
    }

    @Test func nilIsKeptAndErrorsAreNot() async throws {
        let loads = Atomic<Int>(0)
        let function = await Self.makeAPI().registerCachedFunction("f") { (key: String) -> String? in
            loads.wrappingAdd(1, ordering: .relaxed)
            if key == "bad" { throw Failure() }
            return nil
        }
        #expect(try await function("a") == nil)
        #expect(try await function("a") == nil)
        #expect(loads.load(ordering: .relaxed) == 1)
        for _ in 0..<2 { await #expect(throws: Failure.self) { try await function("bad") } }
        #expect(loads.load(ordering: .relaxed) == 3)
    }

    @Test func anInvalidationReachesTheOtherProcess() async throws {
        let cache = InMemoryCache()
        let source = Source()
        let api = await Self.makeAPI(cache)
        let here = api.registerCachedFunction("f") { (_: String) in source.load() }
        let there = await Self.makeAPI(cache).registerCachedFunction("f") { (_: String) in source.load() }
        #expect(try await here("a") == 0)
        #expect(try await there("a") == 0)
        #expect(source.loads == 1)
        let version = source.write()
        try await api.invalidateCache(here, key: "a")
        #expect(try await there("a") == version)
        #expect(try await here("a") == version)
        #expect(source.loads == 2)
    }

    @Test func tagsAndWholeFunctionsAreInvalidated() async throws {
        let source = Source()
        let api = await Self.makeAPI()
        let function = api.registerCachedFunction(
            "f",
            tags: { (key: Int) in ["room \(key % 2)"] },
            load: { (_: Int) in source.load() }
        )
        for key in 0..<4 { _ = try await function(key) }
        try await api.invalidateCache(tags: ["room 1"])
        for key in 0..<4 { _ = try await function(key) }
        #expect(source.loads == 6)
        try await api.invalidateCache(function)
        for key in 0..<4 { _ = try await function(key) }
        #expect(source.loads == 10)
    }

    @Test func aValueMadeOfAnotherIsInvalidatedWithIt() async throws {
        let source = Source()
        let api = await Self.makeAPI()
        let part = api.registerCachedFunction("part") { (_: String) in source.load() }
        let whole = api.registerCachedFunction("whole") { (key: String) in try await part(key) * 10 }
        #expect(try await whole("a") == 0)
        let version = source.write()
        try await api.invalidateCache(part, key: "a")
        #expect(try await whole("a") == version * 10)
    }

    @Test func cancellingOneCallerDoesNotEndTheLoad() async throws {
        let gate = Gate()
        let function = await Self.makeAPI().registerCachedFunction("f") { (_: String) in
            await gate.pass()
            return 7
        }
        let first = Task { try await function("a") }
        await gate.waitForOne()
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        async let second = function("a")
        gate.open()
        #expect(try await second == 7)
        #expect(gate.passed == 1)
    }

    @Test func aCallAfterAnInvalidationDoesNotShareTheLoadFromBefore() async throws {
        let gate = Gate()
        let source = Source()
        let api = await Self.makeAPI()
        let function = api.registerCachedFunction("f") { (_: String) in
            let version = source.load()
            await gate.pass()
            return version
        }
        async let before = function("a")
        await gate.waitForOne()
        let version = source.write()
        try await api.invalidateCache(function, key: "a")
        async let after = function("a")
        gate.open()
        #expect(try await after == version)
        #expect(try await before == 0)
        #expect(try await function("a") == version)
    }

    @Test func aServiceThatIsAwayIsNoError() async throws {
        let cache = InMemoryCache()
        let source = Source()
        let api = await Self.makeAPI(cache)
        let function = api.registerCachedFunction("f") { (_: String) in source.load() }
        cache.setReachable(false)
        #expect(try await function("a") == 0)
        #expect(try await function("a") == 0)
        #expect(source.loads == 2)
        cache.setReachable(true)
        _ = try await function("a")
        _ = try await function("a")
        #expect(source.loads == 3)
    }

    @Test func spellingsThatSwiftTakesForEqualStayApart() async throws {
        let loads = Mutex<[String]>([])
        let function = await Self.makeAPI().registerCachedFunction("f") { (key: String) in
            loads.withLock { $0.append(key) }
            return Array(key.utf8)
        }
        #expect(try await function("\u{E9}") == [0xC3, 0xA9])
        #expect(try await function("e\u{301}") == [0x65, 0xCC, 0x81])
    }

    @Test func aKeyThatIsTooLongIsLoadedEachTime() async throws {
        let source = Source()
        let function = await Self.makeAPI().registerCachedFunction("f") { (_: String) in source.load() }
        let key = String(repeating: "k", count: 2000)
        for _ in 0..<2 { _ = try await function(key) }
        #expect(source.loads == 2)
    }

    @Test func withoutACacheServiceInvalidatingOnlyConcernsTheLoadsUnderWay() async throws {
        let gate = Gate()
        let client = CacheClient()
        client.noteThatThereIsNoService()
        let api = TestProcess(name: "m", cache: client).makeAPI()
        let source = Source()
        let function = api.registerCachedFunction("f") { (_: String) in
            let version = source.load()
            await gate.pass()
            return version
        }
        async let before = function("a")
        await gate.waitForOne()
        let version = source.write()
        try await api.invalidateCache(function, key: "a")
        async let after = function("a")
        gate.open()
        #expect(try await before == 0)
        #expect(try await after == version)
    }

    @Test func keysOfSeveralPartsAreKeysOfTheirOwn() async throws {
        struct Key: Hashable, Codable, Sendable {
            var room: String
            var user: String
        }
        let function = await Self.makeAPI().registerCachedFunction("f") { (key: Key) in "\(key.room)|\(key.user)" }
        #expect(try await function(Key(room: "a", user: "b")) == "a|b")
        #expect(try await function(Key(room: "a\",\"user\":\"b", user: "")) == "a\",\"user\":\"b|")
    }
}
