import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MessageBus
import NIOCore
import Testing
import WireProtocol

@testable import Gateway

struct WebResourcesTests {
    private static let users = "/_modules/directory/users/42"

    @Test func aRequestReachesItsModuleAndTheAnswerComesBack() async throws {
        let metadata = WebResponseMetadata(status: 201, headers: [WebHeader("content-type", "text/plain")]).encoded()
        let bus = ScriptedBus(reply: BusReply(status: .answer, metadata: metadata, body: "made"))
        try await GatewayFixture(bus: bus).test { client in
            let response = try await client.execute(
                uri: "/_modules/directory/users/%34%32?a=b&c",
                method: .post,
                headers: [.accept: "*/*", .connection: "x-private", .init("x-private")!: "1", .te: "trailers"],
                body: ByteBuffer(string: "{}")
            )
            #expect(response.status == .created)
            #expect(response.headers[.contentType] == "text/plain")
            #expect(String(buffer: response.body) == "made")
        }
        let call = try #require(bus.requests.first)
        #expect(call.target == "web/directory/_modules/directory/users/{id}")
        #expect(call.body == "{}")
        #expect(call.budget == .seconds(10))
        let request = try WebRequestMetadata(decoding: try #require(call.metadata))
        #expect(request.method == "POST")
        #expect(request.path == "/_modules/directory/users/%34%32")
        #expect(request.query == "a=b&c")
        #expect(
            request.headers == [
                WebHeader("host", "localhost"), WebHeader("accept", "*/*"), WebHeader("content-length", "2"),
            ]
        )
    }

    @Test func severalValuesOfOneHeaderStayInOrder() async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer))
        try await GatewayFixture(bus: bus).test { client in
            var headers = HTTPFields()
            headers[values: .cookie] = ["a=1", "b=2"]
            try await client.execute(uri: Self.users, method: .get, headers: headers)
        }
        let request = try WebRequestMetadata(decoding: try #require(bus.requests.first?.metadata))
        #expect(request.headers.filter { $0.name == "cookie" }.map(\.value) == ["a=1", "b=2"])
    }

    @Test func anUnknownPathIsAnsweredInTheOriginalsManner() async throws {
        try await GatewayFixture().test { client in
            for path in [
                "/", "/nothing", "/_modules/directory", "/_matrix/client/v3/login", "/_ganglion", "/_ganglion/x",
            ] {
                let response = try await client.execute(uri: path, method: .get)
                #expect(response.status == .notFound)
                #expect(try response.json == ["errcode": "G_NOT_FOUND", "error": "Unrecognized request"])
                #expect(response.headers[.contentType] == "application/json")
            }
        }
    }

    @Test func aDeceptivePathIsABadRequest() async throws {
        try await GatewayFixture().test { client in
            for path in ["/_modules/directory/files/../users/42", "/_modules/%2e%2e/x", "/%zz", "/a%00"] {
                let response = try await client.execute(uri: path, method: .get)
                #expect(response.status == .badRequest)
                #expect(try response.errcode == "G_BAD_PATH")
            }
        }
    }

    @Test func methodsAreTheGatewaysBusiness() async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, body: "12345"))
        try await GatewayFixture(bus: bus).test { client in
            let refused = try await client.execute(uri: Self.users, method: .delete)
            #expect(refused.status == .methodNotAllowed)
            #expect(refused.headers[.allow] == "GET, HEAD, POST, OPTIONS")
            #expect(try refused.errcode == "G_METHOD_NOT_ALLOWED")
            let options = try await client.execute(uri: Self.users, method: .options)
            #expect(options.status == .noContent)
            #expect(options.headers[.allow] == "GET, HEAD, POST, OPTIONS")
            let head = try await client.execute(uri: Self.users, method: .head)
            #expect(head.status == .ok)
            #expect(head.headers[.contentLength] == "5")
            #expect(head.body.readableBytes == 0)
        }
        #expect(bus.requests.count == 1)
    }

    @Test func aLongBodyArrivesWhole() async throws {
        let body = Payload((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) })
        let bus = ScriptedBus { request throws(BusError) in BusReply(status: .answer, body: request.body) }
        try await GatewayFixture(bus: bus).test { client in
            let response = try await client.execute(uri: Self.users, method: .post, body: ByteBuffer(bytes: body.bytes))
            #expect(Payload(Array(response.body.readableBytesView)) == body)
            #expect(response.headers[.contentLength] == "1000000")
        }
    }

    @Test func aBodyOverTheLimitIsRefusedAndNoCallMade() async throws {
        var fixture = GatewayFixture()
        fixture.configuration.bodySizeMax = 10
        let bus = ScriptedBus(reply: BusReply(status: .answer))
        fixture.bus = bus
        try await fixture.test { client in
            let fits = try await client.execute(uri: Self.users, method: .post, body: ByteBuffer(string: "0123456789"))
            #expect(fits.status == .ok)
            let over = try await client.execute(uri: Self.users, method: .post, body: ByteBuffer(string: "0123456789a"))
            #expect(over.status == .contentTooLarge)
            #expect(try over.errcode == "G_TOO_LARGE")
        }
        #expect(bus.requests.count == 1)
    }

    @Test(arguments: [
        (BusFault.Code.notFound, 503, "G_NONE_UP"), (.noneUp, 503, "G_NONE_UP"), (.lost, 502, "G_LOST"),
        (.noneRegistered, 503, "G_NONE_REGISTERED"), (.timeout, 504, "G_TIMEOUT"), (.overloaded, 503, "G_OVERLOADED"),
        (.tooLarge, 413, "G_TOO_LARGE"), (.moduleError, 502, "G_MODULE_ERROR"), (.badRequest, 502, "G_INTERNAL"),
        (.internal, 500, "G_INTERNAL"), (.forbidden, 502, "G_FORBIDDEN"), (.init(rawValue: "new"), 500, "G_INTERNAL"),
    ])
    func aFaultHasItsStatusAndKeepsTheModulesWordsToItself(
        code: BusFault.Code,
        status: Int,
        errcode: String
    ) async throws {
        try await GatewayFixture(bus: ScriptedBus(fault: code, "secret detail")).test { client in
            let response = try await client.execute(uri: Self.users, method: .get)
            #expect(response.status.code == status)
            #expect(try response.errcode == errcode)
            #expect(!String(buffer: response.body).contains("secret"))
            #expect((response.headers[.retryAfter] != nil) == (status == 503))
        }
    }

    @Test(arguments: [
        (BusError.Code.timeout, 504), (.lost, 502), (.notConnected, 503), (.overloaded, 503), (.stopped, 503),
        (.invalidRequest, 400), (.cancelled, 503),
    ])
    func aCallWithoutAReplyHasItsStatus(code: BusError.Code, status: Int) async throws {
        try await GatewayFixture(bus: ScriptedBus(error: BusError(code, "why"))).test { client in
            let response = try await client.execute(uri: Self.users, method: .get)
            #expect(response.status.code == status)
            #expect(try response.errcode?.hasPrefix("G_") == true)
        }
    }

    @Test func aModuleThatAnswersGarbageCostsABadGateway() async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, metadata: "garbage", body: "x"))
        try await GatewayFixture(bus: bus).test { client in
            let response = try await client.execute(uri: Self.users, method: .get)
            #expect(response.status == .badGateway)
            #expect(try response.errcode == "G_BAD_MODULE_RESPONSE")
        }
    }

    @Test func aModuleThatIsDownIsNotAsked() async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer))
        try await GatewayFixture(bus: bus).test { client in
            let response = try await client.execute(uri: "/_modules/shop/down", method: .get)
            #expect(response.status == .serviceUnavailable)
            #expect(response.headers[.retryAfter] == "1")
            #expect(try response.errcode == "G_NONE_UP")
        }
        #expect(bus.requests.isEmpty)
    }

    @Test func beforeTheFirstTableNothingIsUnknownYet() async throws {
        try await GatewayFixture(table: nil, isConnected: false).test { client in
            let response = try await client.execute(uri: "/anything", method: .get)
            #expect(response.status == .serviceUnavailable)
            #expect(try response.errcode == "G_NOT_READY")
        }
    }

    @Test func aBusThatNeverAnswersCostsAGatewayTimeout() async throws {
        let latch = Latch()
        defer { latch.open() }
        var fixture = GatewayFixture()
        fixture.configuration.budget = .milliseconds(50)
        fixture.configuration.budgetSlack = .milliseconds(50)
        fixture.bus = ScriptedBus { _ throws(BusError) in
            await latch.wait()
            return BusReply(status: .answer)
        }
        try await fixture.test { client in
            let response = try await client.execute(uri: Self.users, method: .get)
            #expect(response.status == .gatewayTimeout)
            #expect(try response.errcode == "G_TIMEOUT")
        }
    }
}
