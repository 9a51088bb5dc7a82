import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MessageBus
import Testing
import WireProtocol

@testable import Gateway

struct CacheResourcesTests {
    private static let root = "/_ganglion/admin/v1/caches"

    @Test(arguments: [("", "cache/list"), ("/statistics", "cache/stats")])
    func whatTheCacheServiceSaysPassesThrough(path: String, target: String) async throws {
        let cache = ScriptedBus(reply: BusReply(status: .answer, body: "{}"))
        let bus = ScriptedBus(reply: BusReply(status: .answer))
        try await GatewayFixture(bus: bus, cache: cache).test { client in
            let response = try await client.execute(uri: Self.root + path, method: .get, headers: .admin)
            #expect(response.status == .ok)
            #expect(String(buffer: response.body) == "{}")
        }
        #expect(cache.requests.map(\.target) == [target])
        #expect(bus.requests.isEmpty)
    }

    private static func invalidate(_ body: String, _ client: some TestClientProtocol) async throws -> TestResponse {
        try await client.execute(
            uri: "\(Self.root)/invalidate",
            method: .post,
            headers: .admin,
            body: ByteBuffer(string: body)
        )
    }

    @Test(arguments: [
        (#"{"function":"directory.department"}"#, ["@directory.department"]),
        (#"{"function":"directory.department","key":"@ada:b c"}"#, ["=directory.department/@ada:b%20c"]),
        (#"{"function":"shop.price","key":7}"#, ["=shop.price/7"]),
        (#"{"tags":["room !a","b"]}"#, ["#room%20!a", "#b"]),
        (#"{"all":true}"#, ["*"]),
    ])
    func anInvalidationNamesTheTagsOfTheModules(body: String, tags: [String]) async throws {
        let cache = ScriptedBus(reply: BusReply(status: .answer, body: #"{"seq":9}"#))
        try await GatewayFixture(cache: cache).test { client in
            let response = try await Self.invalidate(body, client)
            #expect(response.status == .ok)
            #expect(try response.json["seq"] == 9)
        }
        let request = try #require(cache.requests.first)
        #expect(request.target == "cache/invalidate")
        #expect(try CacheInvalidation(decoding: request.body).tags == tags)
    }

    @Test(arguments: [
        "{}", #"{"key":"a"}"#, #"{"function":"f","tags":["a"]}"#, #"{"tags":[]}"#, #"{"tags":[1]}"#, #"{"all":false}"#,
        #"{"function":"f","key":{"a":1}}"#, #"{"functions":"f"}"#, #"{"function":"with space"}"#, "[]",
    ])
    func whatNamesNothingIsRefused(body: String) async throws {
        let cache = ScriptedBus(reply: BusReply(status: .answer))
        try await GatewayFixture(cache: cache).test { client in
            let response = try await Self.invalidate(body, client)
            #expect(response.status == .badRequest)
        }
        #expect(cache.requests.isEmpty)
    }

    @Test func withoutACacheSectionThereIsNothingToAsk() async throws {
        try await GatewayFixture().test { client in
            let response = try await client.execute(uri: Self.root, method: .get, headers: .admin)
            #expect(response.status == .notFound)
            #expect(String(buffer: response.body).contains("No cache service is configured"))
        }
    }

    @Test func aCacheServiceThatIsDownIsNamed() async throws {
        let cache = ScriptedBus(error: BusError(.notConnected, ""))
        try await GatewayFixture(cache: cache).test { client in
            let response = try await client.execute(uri: Self.root, method: .get, headers: .admin)
            #expect(response.status == .serviceUnavailable)
            #expect(String(buffer: response.body).contains("no connection to the cache service"))
            #expect(try await client.execute(uri: Self.root, method: .get).status == .unauthorized)
            #expect(
                try await client.execute(uri: Self.root, method: .post, headers: .admin).status == .methodNotAllowed
            )
            let unknown = try await client.execute(uri: "\(Self.root)/nonsense", method: .get, headers: .admin)
            #expect(unknown.status == .notFound)
        }
    }
}
