import Dispatch
import MessageBus
import Synchronization
import Testing
import WireProtocol
import ZeroMQ

@testable import Caching
@testable import ModuleSDK
@testable import ModuleTestKit

/// A call that finds no result, and a load of somebody else that brings one: before the call has joined it, or one that is too old.
@Suite(.timeLimit(.minutes(1)))
struct CachedFunctionHandoverTests {
    /// The way to the cache on which what was loaded stays until it is let through.
    private struct HeldFills: BusCaller {
        let cache: InMemoryCacheCaller
        let gate: Gate
        let arrived: DispatchSemaphore

        func call(_ request: BusRequest) async throws(BusError) -> BusReply {
            if request.target == CacheTarget.fill {
                self.arrived.signal()
                await self.gate.pass()
            }
            return try await self.cache.call(request)
        }
    }

    /// The way to the cache on which its answers stay until they are let through.
    private struct HeldAnswers: BusCaller {
        let cache: InMemoryCacheCaller
        let gate: Gate

        func call(_ request: BusRequest) async throws(BusError) -> BusReply {
            let reply = try await self.cache.call(request)
            if request.target == CacheTarget.get { await self.gate.pass() }
            return reply
        }
    }

    @Test func aCallThatJoinsALoadDoesNotGetWhatWasMadeOfAnInvalidatedPart() async throws {
        let (cache, source, answers) = (InMemoryCache(), Source(), Gate())
        func register(_ client: CacheClient) -> (ModuleAPI, CachedFunction<String, Int>, CachedFunction<String, Int>) {
            let api = TestProcess(name: "m", cache: client).makeAPI()
            let part = api.registerCachedFunction("part") { (_: String) in source.load() }
            let whole = api.registerCachedFunction("whole") { (key: String) in try await part(key) * 10 }
            return (api, part, whole)
        }
        let (_, _, elsewhere) = register(await cache.makeClient())
        #expect(try await elsewhere("a") == 0)
        let client = await cache.makeClient { HeldAnswers(cache: $0, gate: answers) }
        let (api, part, whole) = register(client)
        async let before = whole("a")
        await answers.waitForOne()
        // The whole is on its way to this process, which does not know yet what it is made of.
        let version = source.write()
        try await api.invalidateCache(part, key: "a")
        // Runs until it waits: it has joined the call before it.
        let after = Task.immediate { try await whole("a") }
        answers.open()
        #expect(try await after.value == version * 10)
        #expect(try await before == 0)
        #expect(source.loads == 2)
    }

    @Test func aLoadThatEndsWhileACallLooksForItIsNotDoneTwice() async throws {
        let loop = PollLoop(label: "loads")
        try loop.start()
        let (loads, fills) = (Gate(), Gate())
        let loaded = DispatchSemaphore(value: 0)
        let client = await InMemoryCache().makeClient(executor: loop) { cache in
            HeldFills(cache: cache, gate: fills, arrived: loaded)
        }
        let calls = Atomic<Int>(0)
        let function = TestProcess(name: "m", cache: client).makeAPI().registerCachedFunction(
            "f",
            // A call asks for the tags after it has found nothing and before it looks for a load that is under way.
            tags: { (_: String) in
                if calls.wrappingAdd(1, ordering: .relaxed).newValue == 2 {
                    loads.open()
                    #expect(loaded.wait(timeout: .now() + 30) == .success, "the load does not end")
                }
                return []
            },
            load: { (_: String) in
                await loads.pass()
                return 7
            }
        )
        async let first = function("a")
        await loads.waitForOne()
        #expect(try await function("a") == 7)
        #expect(try await first == 7)
        #expect(calls.load(ordering: .relaxed) == 2)
        #expect(loads.passed == 1)
        fills.open()
        loop.stop()
        await loop.waitUntilStopped()
    }
}
