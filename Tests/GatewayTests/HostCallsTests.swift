import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MessageBus
import NIOCore
import Testing
import WireProtocol

@testable import Gateway

struct HostCallsTests {
    private static let path = "/_ganglion/v1/callbacks/spam_checker/check_event_for_spam"

    private static func execute(
        _ client: any TestClientProtocol,
        _ body: String = "{}",
        path: String = Self.path,
        method: HTTPRequest.Method = .post,
        headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        try await client.execute(
            uri: path,
            method: method,
            headers: HTTPFields.admin + headers,
            body: ByteBuffer(string: body)
        )
    }

    @Test func aDecisionComesBackWithItsSteps() async throws {
        let metadata: Payload = """
            {"request_id":"5b1d-12","outcome":"answer","steps":[{"module":"link-guard","verdict":"answer"}]}
            """
        // Spaces, an escape and a number that no parser would write back in the same way.
        let result: Payload = "{ \"a\\u0062\": 1.50 }"
        let bus = ScriptedBus(
            reply: BusReply(status: .answer, target: "link-guard", epoch: 9, metadata: metadata, body: result)
        )
        try await GatewayFixture(bus: bus).test { client in
            let response = try await Self.execute(client, "{\"event\":{}}", headers: [.traceparent: "00-ab-cd-01"])
            #expect(response.status == .ok)
            #expect(
                String(buffer: response.body) == """
                    {"outcome":"answer","result":{ "a\\u0062": 1.50 },"decided_by":"link-guard","epoch":9,\
                    "request_id":"5b1d-12","steps":[{"module":"link-guard","verdict":"answer"}]}
                    """
            )
        }
        let call = try #require(bus.requests.first)
        #expect(call.target == "callback/spam_checker/check_event_for_spam")
        #expect(call.body == "{\"event\":{}}")
        #expect(call.flags.contains(.explain))
        #expect(call.metadata == "{\"traceparent\":\"00-ab-cd-01\"}")
        #expect(call.budget == .seconds(10))
    }

    @Test func noOpinionIsAnOutcomeToo() async throws {
        let bus = ScriptedBus(reply: BusReply(status: .continue, epoch: 2, body: "\"NOT_SPAM\""))
        try await GatewayFixture(bus: bus).test { client in
            let json = try await Self.execute(client).json
            #expect(json["outcome"] == "continue")
            #expect(json["result"] == "NOT_SPAM")
            #expect(json["decided_by"] == .null)
            #expect(json["steps"] == [])
        }
    }

    @Test(arguments: [
        ("", "empty"), ("[]", "a list"), ("{", "byte 1"), ("nul", "byte 0"), ("{\"a\":1}x", "byte 7"),
    ])
    func argumentsThatAreNoObjectAreRefusedWithTheirPlace(body: String, word: String) async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer))
        try await GatewayFixture(bus: bus).test { client in
            let response = try await Self.execute(client, body)
            #expect(response.status == .badRequest)
            #expect(try response.errcode == "G_NOT_JSON")
            #expect(try response.json["error"]?.string?.contains(word) == true)
        }
        #expect(bus.requests.isEmpty)
    }

    @Test(arguments: [("1500", Duration.milliseconds(1500)), ("1", .milliseconds(1)), ("600000", .seconds(600))])
    func aHostMaySetTheBudget(value: String, budget: Duration) async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer))
        try await GatewayFixture(bus: bus).test { client in
            let name = try #require(HTTPField.Name("Ganglion-Budget-Ms"))
            let response = try await Self.execute(client, headers: [name: value])
            #expect(response.status == .ok)
        }
        #expect(bus.requests.first?.budget == budget)
    }

    @Test(arguments: ["0", "-1", "x", "", "600001", "99999999999999999999", "9223372036854775807"])
    func aBudgetOutOfBoundsIsRefused(value: String) async throws {
        try await GatewayFixture().test { client in
            let name = try #require(HTTPField.Name("Ganglion-Budget-Ms"))
            let response = try await Self.execute(client, headers: [name: value])
            #expect(response.status == .badRequest)
            #expect(try response.errcode == "G_BAD_BUDGET")
        }
    }

    @Test(arguments: [
        (BusFault.Code.notFound, 404), (.badRequest, 400), (.noneRegistered, 503), (.noneUp, 503), (.timeout, 504),
        (.lost, 502), (.overloaded, 503), (.invalidResult, 502), (.moduleError, 502), (.tooLarge, 413),
        (.internal, 500),
    ])
    func aHostIsToldWhatTheModuleSaid(code: BusFault.Code, status: Int) async throws {
        try await GatewayFixture(bus: ScriptedBus(fault: code, "the words of the module")).test { client in
            let response = try await Self.execute(client)
            #expect(response.status.code == status)
            #expect(try response.errcode?.hasPrefix("G_") == true)
            if [.notFound, .badRequest, .moduleError, .invalidResult].contains(code) {
                #expect(try response.json["error"] == "the words of the module")
            }
        }
    }

    @Test func aResultThatIsNotJSONIsNotPassedOn() async throws {
        try await GatewayFixture(bus: ScriptedBus(reply: BusReply(status: .answer, body: "{\"a\""))).test { client in
            let response = try await Self.execute(client)
            #expect(response.status == .badGateway)
            #expect(try response.errcode == "G_INVALID_RESULT")
        }
    }

    @Test(arguments: [
        "/_ganglion/v1", "/_ganglion/v1/callbacks", "/_ganglion/v1/callbacks/a", "/_ganglion/v1/callbacks/a/b/c",
        "/_ganglion/v1/callbacks/a%2Fb/c", "/_ganglion/v1/callbacks//b", "/_ganglion/v1/other/a/b",
        "/_ganglion/v1/callbacks/a/b/",
    ])
    func anotherPathIsUnknown(path: String) async throws {
        try await GatewayFixture().test { client in
            let response = try await Self.execute(client, path: path)
            #expect(response.status == .notFound)
        }
    }

    @Test func onlyAHostWithTheTokenMayCall() async throws {
        try await GatewayFixture().test { client in
            let body = ByteBuffer(string: "{}")
            #expect(try await client.execute(uri: Self.path, method: .post, body: body).status == .unauthorized)
            let wrong: HTTPFields = [.authorization: "Bearer nonsense"]
            let refused = try await client.execute(uri: Self.path, method: .post, headers: wrong, body: body)
            #expect(refused.status == .unauthorized)
            let get = try await Self.execute(client, method: .get)
            #expect(get.status == .methodNotAllowed)
            #expect(get.headers[.allow] == "POST")
        }
    }

    @Test func argumentsOverTheLimitAreRefused() async throws {
        var fixture = GatewayFixture()
        fixture.configuration.bodySizeMax = 16
        try await fixture.test { client in
            let response = try await Self.execute(client, "{\"a\":\"0123456789\"}")
            #expect(response.status == .contentTooLarge)
        }
    }
}

extension HTTPFields {
    fileprivate static func + (left: HTTPFields, right: HTTPFields) -> HTTPFields {
        var fields = left
        fields.append(contentsOf: right)
        return fields
    }
}
