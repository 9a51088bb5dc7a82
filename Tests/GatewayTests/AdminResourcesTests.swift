import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MessageBus
import Testing
import WireProtocol

@testable import Gateway

struct AdminResourcesTests {
    @Test(arguments: [
        "modules", "routes", "callbacks", "explain", "shadow", "callbacks/spam_checker/user_may_invite",
    ])
    func whatTheDispatcherKnowsPassesThrough(what: String) async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, body: "[ 1 ]"))
        try await GatewayFixture(bus: bus).test { client in
            let response = try await client.execute(uri: "/_ganglion/admin/v1/\(what)", method: .get, headers: .admin)
            #expect(response.status == .ok)
            #expect(String(buffer: response.body) == "[ 1 ]")
            #expect(response.headers[.contentType] == "application/json")
        }
        #expect(bus.requests.map(\.target) == ["admin/\(what)"])
    }

    @Test func aDecisionIsExplainedByTheIDOfItsRequest() async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, body: "{\"outcome\":\"answer\"}"))
        try await GatewayFixture(bus: bus).test { client in
            let uri = "/_ganglion/admin/v1/explain/5b1d-12"
            let decision = try await client.execute(uri: uri, method: .get, headers: .admin).json
            #expect(decision["outcome"] == "answer")
            #expect(try await client.execute(uri: uri, method: .get).status == .unauthorized)
            let strange = "/_ganglion/admin/v1/explain/5b1d_12"
            #expect(try await client.execute(uri: strange, method: .get, headers: .admin).status == .notFound)
        }
        #expect(bus.requests.map(\.target) == ["admin/explain/5b1d-12"])
    }

    @Test(arguments: ["disable", "enable"])
    func aModuleIsSwitchedByWhatTheDispatcherSays(what: String) async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, body: "{\"epoch\":8}"))
        try await GatewayFixture(bus: bus).test { client in
            let uri = "/_ganglion/admin/v1/modules/\(what)"
            let body = ByteBuffer(string: "{\"module\":\"a\"}")
            let response = try await client.execute(uri: uri, method: .post, headers: .admin, body: body)
            #expect(response.status == .ok)
            #expect(try response.json["epoch"] == 8)
            #expect(try await client.execute(uri: uri, method: .get, headers: .admin).status == .methodNotAllowed)
            #expect(try await client.execute(uri: uri, method: .post, body: body).status == .unauthorized)
        }
        #expect(bus.requests.map(\.target) == ["admin/modules/\(what)"])
        #expect(bus.requests.first?.body == "{\"module\":\"a\"}")
    }

    @Test func statusHasTheGatewaysPart() async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, body: "{\"epoch\":7}"))
        try await GatewayFixture(bus: bus).test { client in
            let json = try await client.execute(uri: "/_ganglion/admin/v1/status", method: .get, headers: .admin).json
            #expect(json["epoch"] == 7)
            #expect(json["gateway"]?["connected"] == true)
            #expect(json["gateway"]?["epoch"] == 7)
            #expect(json["gateway"]?["routes"] == 4)
        }
    }

    @Test func statusOfADispatcherThatIsDownStillHasTheGatewaysPart() async throws {
        let bus = ScriptedBus(error: BusError(.notConnected, ""))
        try await GatewayFixture(bus: bus, isConnected: false).test { client in
            let response = try await client.execute(uri: "/_ganglion/admin/v1/status", method: .get, headers: .admin)
            #expect(response.status == .serviceUnavailable)
            #expect(try response.errcode == "G_NOT_CONNECTED")
            #expect(try response.json["gateway"]?["connected"] == false)
        }
    }

    @Test(arguments: ["/_ganglion/admin/v1/modules", "/_ganglion/admin/nonsense", "/_ganglion/v1/nonsense"])
    func nothingIsToldWithoutTheToken(path: String) async throws {
        try await GatewayFixture().test { client in
            let response = try await client.execute(uri: path, method: .get)
            #expect(response.status == .unauthorized)
            #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        }
    }

    @Test func theRestIsUnknownOrNotAllowed() async throws {
        try await GatewayFixture().test { client in
            for path in [
                "/_ganglion/admin", "/_ganglion/admin/v1", "/_ganglion/admin/v1/x", "/_ganglion/admin/v1/modules/",
                "/_ganglion/admin/v1/callbacks/a", "/_ganglion/admin/v1/callbacks/a/b/c",
                "/_ganglion/admin/v1/callbacks/a/b%2Fc", "/_ganglion/admin/v1/routes/a/b",
            ] {
                #expect(try await client.execute(uri: path, method: .get, headers: .admin).status == .notFound)
            }
            let post = try await client.execute(uri: "/_ganglion/admin/v1/modules", method: .post, headers: .admin)
            #expect(post.status == .methodNotAllowed)
        }
    }

    @Test func healthNeedsNothing() async throws {
        try await GatewayFixture(table: nil, isConnected: false).test { client in
            let response = try await client.execute(uri: "/_ganglion/health", method: .get)
            #expect(response.status == .ok)
            #expect(try await client.execute(uri: "/_ganglion/health", method: .post).status == .methodNotAllowed)
            let head = try await client.execute(uri: "/_ganglion/health", method: .head)
            #expect(head.body.readableBytes == 0)
        }
    }

    @Test func readyMeansConnectedAndEveryModuleThere() async throws {
        var waiting = RoutingTableMessage.example
        waiting.waitingFor = ["link-guard"]
        let cases: [(RoutingTableMessage?, Bool, HTTPResponse.Status)] = [
            (.example, true, .ok), (.example, false, .serviceUnavailable), (nil, true, .serviceUnavailable),
            (waiting, true, .serviceUnavailable),
        ]
        for (table, isConnected, status) in cases {
            try await GatewayFixture(table: table, isConnected: isConnected).test { client in
                let response = try await client.execute(uri: "/_ganglion/ready", method: .get)
                #expect(response.status == status)
                #expect(try response.json["ready"] == .bool(status == .ok))
            }
        }
        try await GatewayFixture(table: waiting).test { client in
            let json = try await client.execute(uri: "/_ganglion/ready", method: .get).json
            #expect(json["waiting_for"] == ["link-guard"])
            #expect(json["epoch"] == 7)
        }
    }
}
