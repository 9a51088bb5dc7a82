import HTTPTypes
import HummingbirdCore
import MessageBus
import SeededRandom
import Testing
import WireProtocol

@testable import Gateway

struct ModuleResponseTests {
    private static func response(
        _ metadata: Payload?,
        body: Payload = "body",
        isHead: Bool = false
    ) throws(GatewayError) -> (status: Int, headers: HTTPFields, length: Int?) {
        let reply = BusReply(status: .answer, metadata: metadata, body: body)
        let response = try ModuleResponse.response(reply, isHead: isHead, limits: (headSize: 1024, headCount: 16))
        return (response.status.code, response.headers, response.body.contentLength)
    }

    private static func metadata(_ status: Int, _ headers: [WebHeader] = []) -> Payload {
        WebResponseMetadata(status: status, headers: headers).encoded()
    }

    @Test func withoutMetadataItIs200() throws {
        let response = try Self.response(nil)
        #expect(response.status == 200)
        #expect(response.headers == [.contentLength: "4"])
    }

    @Test func repeatedHeadersStayApart() throws {
        let headers = [WebHeader("set-cookie", "a=1"), WebHeader("x-y", "z"), WebHeader("set-cookie", "b=2")]
        let response = try Self.response(Self.metadata(201, headers))
        #expect(response.headers[values: .setCookie] == ["a=1", "b=2"])
    }

    @Test func aModuleDoesNotDecideAboutTheConnection() throws {
        let names = [
            "Connection", "keep-alive", "proxy-authenticate", "te", "Trailer", "transfer-encoding", "upgrade",
            "Content-Length",
        ]
        let response = try Self.response(
            Self.metadata(200, names.map { WebHeader($0, "x-mine") } + [WebHeader("X-Mine", "1")])
        )
        #expect(response.headers == [.contentLength: "4"])
    }

    @Test(arguments: [0, 99, 100, 101, 199, 600, 999, -1, 70_000])
    func aStatusThatHTTPDoesNotLetAModuleSendIsRefused(status: Int) {
        #expect(throws: GatewayError.self) { try Self.response(Payload("{\"status\":\(status)}")) }
    }

    @Test(arguments: [
        "[\"x\",\"a\\r\\nset-cookie: b\"]", "[\"x\",\"a\\nb\"]", "[\"x\",\"a\\u0000\"]", "[\"x y\",\"a\"]",
        "[\"\",\"a\"]", "[\"x\\r\\n\",\"a\"]", "[\":status\",\"200\"]", "[\"x\"]", "[1,2]", "\"x\"",
    ])
    func aHeaderThatHTTPDoesNotAllowIsRefused(header: String) {
        let error = #expect(throws: GatewayError.self) {
            try Self.response(Payload("{\"status\":200,\"headers\":[\(header)]}"))
        }
        #expect(error?.code == .badModuleResponse)
        #expect(error?.status == .badGateway)
    }

    @Test func garbageIsRefused() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 1...64, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(throws: GatewayError.self) { try Self.response(Payload(bytes)) }
        }
    }

    @Test func tooManyOrTooLongHeadersAreRefused() {
        let many = (0..<17).map { WebHeader("x-\($0)", "") }
        #expect(throws: GatewayError.self) { try Self.response(Self.metadata(200, many)) }
        let long = [WebHeader("x", String(repeating: "a", count: 1024))]
        #expect(throws: GatewayError.self) { try Self.response(Self.metadata(200, long)) }
    }

    @Test(arguments: [204, 205, 304])
    func aStatusWithoutABodyHasNone(status: Int) throws {
        let response = try Self.response(Self.metadata(status, [WebHeader("content-length", "4")]))
        #expect(response.length == 0)
        #expect(response.headers[.contentLength] == nil)
    }

    @Test func headHasTheLengthAndNotTheBody() throws {
        let asGet = try Self.response(nil, isHead: true)
        #expect(asGet.headers[.contentLength] == "4")
        #expect(asGet.length == 0)
        let declared = Self.metadata(200, [WebHeader("content-length", "99")])
        #expect(try Self.response(declared, body: .empty, isHead: true).headers[.contentLength] == "99")
        let nonsense = Self.metadata(200, [WebHeader("content-length", "-9")])
        #expect(try Self.response(nonsense, body: .empty, isHead: true).headers[.contentLength] == "0")
    }

    @Test func noOpinionIsNoResponse() {
        let reply = BusReply(status: .continue)
        #expect(throws: GatewayError.self) {
            try ModuleResponse.response(reply, isHead: false, limits: (headSize: 1024, headCount: 16))
        }
    }
}
