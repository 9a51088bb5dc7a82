import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MessageBus
import Testing
import WireProtocol

@testable import Gateway

struct UpdateResourcesTests {
    private static let roots = ["/_ganglion/admin/v1/background_updates", "/_synapse/admin/v1/background_updates"]

    @Test(arguments: Self.roots, ["", "/status", "/enabled"])
    func whatTheWorkerSaysPassesThrough(root: String, resource: String) async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, body: #"{"enabled":true,"current_updates":{}}"#))
        try await GatewayFixture(bus: bus).test { client in
            let response = try await client.execute(uri: root + resource, method: .get, headers: .admin)
            #expect(response.status == .ok)
            #expect(String(buffer: response.body) == #"{"enabled":true,"current_updates":{}}"#)
        }
        let method = resource.isEmpty ? "list" : String(resource.dropFirst())
        #expect(bus.requests.map(\.target) == ["method/background-update-worker/\(method)"])
        #expect(bus.requests.first?.body.isEmpty == true)
    }

    @Test(arguments: ["enabled", "start_job", "pause", "resume", "retry"])
    func whatAnOperatorSaysPassesThrough(method: String) async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, body: "{}"))
        try await GatewayFixture(bus: bus).test { client in
            let response = try await client.execute(
                uri: "\(Self.roots[0])/\(method)",
                method: .post,
                headers: .admin,
                body: ByteBuffer(string: #"{"update_name":"a"}"#)
            )
            #expect(response.status == .ok)
        }
        #expect(bus.requests.map(\.target) == ["method/background-update-worker/\(method)"])
        #expect(bus.requests.first?.body.text == #"{"update_name":"a"}"#)
    }

    @Test(arguments: [
        (BusFault.Code.badRequest, HTTPResponse.Status.badRequest), (.notFound, .notFound),
        (.noneUp, .serviceUnavailable),
        (.noneRegistered, .serviceUnavailable), (.overloaded, .serviceUnavailable), (.timeout, .gatewayTimeout),
        (.lost, .badGateway), (.moduleError, .badGateway),
    ])
    func aFaultOfTheWorkerIsANamedAnswer(fault: BusFault.Code, status: HTTPResponse.Status) async throws {
        try await GatewayFixture(bus: ScriptedBus(fault: fault)).test { client in
            let response = try await client.execute(uri: "\(Self.roots[1])/status", method: .get, headers: .admin)
            #expect(response.status == status)
            #expect(try response.errcode?.hasPrefix("G_") == true)
        }
    }

    @Test(arguments: ["", "[]", "nonsense"])
    func aBodyThatIsNoObjectIsRefused(body: String) async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, body: "{}"))
        try await GatewayFixture(bus: bus).test { client in
            let response = try await client.execute(
                uri: "\(Self.roots[1])/enabled",
                method: .post,
                headers: .admin,
                body: ByteBuffer(string: body)
            )
            #expect(response.status == .badRequest)
        }
        #expect(bus.requests.isEmpty)
    }

    @Test(arguments: Self.roots)
    func nothingIsToldOrDoneWithoutTheToken(root: String) async throws {
        try await GatewayFixture().test { client in
            for (path, method) in [("", HTTPRequest.Method.get), ("/status", .get), ("/enabled", .post), ("/x", .get)] {
                let response = try await client.execute(uri: root + path, method: method)
                #expect(response.status == .unauthorized)
            }
        }
    }

    @Test func theRestIsUnknownOrNotAllowed() async throws {
        try await GatewayFixture().test { client in
            let cases: [(String, HTTPRequest.Method, HTTPResponse.Status)] = [
                ("/nonsense", .get, .notFound), ("/status/more", .get, .notFound),
                ("/status", .post, .methodNotAllowed), ("/start_job", .get, .methodNotAllowed),
                ("", .post, .methodNotAllowed), ("/enabled", .delete, .methodNotAllowed),
            ]
            for (path, method, status) in cases {
                let uri = Self.roots[0] + path
                let response = try await client.execute(uri: uri, method: method, headers: .admin)
                #expect(response.status == status, "\(method) \(path)")
            }
        }
    }
}
