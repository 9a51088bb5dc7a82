import Hummingbird
import HummingbirdTesting
import MessageBus
import ServiceLifecycle
import Testing
import WireProtocol

@testable import Gateway

/// What only shows on a socket.
@Suite(.timeLimit(.minutes(1)))
struct LiveConnectionTests {
    private static let path = "/_modules/directory/users/42"

    @Test func aClientThatGoesCancelsItsCall() async throws {
        let bus = ScriptedBus.silent()
        try await GatewayFixture(bus: bus).test(.live) { client in
            try await RawConnection.open(port: client.port) { connection in
                try await connection.send("GET \(Self.path) HTTP/1.1\r\nHost: x\r\n\r\n")
                await bus.waitForCall()
            }
            await bus.waitForCancellation()
        }
    }

    @Test func aBodyThatSaysItIsTooLargeIsRefusedBeforeItIsSent() async throws {
        var fixture = GatewayFixture()
        fixture.configuration.bodySizeMax = 1000
        try await fixture.test(.live) { client in
            try await RawConnection.open(port: client.port) { connection in
                try await connection.send("POST \(Self.path) HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n")
                #expect(try await connection.readHead()?.hasPrefix("HTTP/1.1 413 ") == true)
                await connection.waitForEnd()
            }
        }
    }

    @Test func aBodyThatGrowsTooLargeIsRefusedWhileItIsSent() async throws {
        var fixture = GatewayFixture()
        fixture.configuration.bodySizeMax = 1000
        try await fixture.test(.live) { client in
            try await RawConnection.open(port: client.port) { connection in
                try await connection.send("POST \(Self.path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                try await connection.send("400\r\n" + String(repeating: "a", count: 1024) + "\r\n")
                #expect(try await connection.readHead()?.hasPrefix("HTTP/1.1 413 ") == true)
                await connection.waitForEnd()
            }
        }
    }

    @Test(arguments: [Duration.zero, .milliseconds(50)])
    func anUploadThatStallsEndsAtItsDeadline(timeout: Duration) async throws {
        var fixture = GatewayFixture()
        fixture.configuration.uploadTimeout = timeout
        try await fixture.test(.live) { client in
            try await RawConnection.open(port: client.port) { connection in
                try await connection.send("POST \(Self.path) HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
                try await connection.send("a")
                #expect(try await connection.readHead()?.hasPrefix("HTTP/1.1 408 ") == true)
                await connection.waitForEnd()
            }
        }
    }

    @Test func aClientThatSaysNothingIsSentAway() async throws {
        var fixture = GatewayFixture()
        fixture.configuration.idleTimeout = .milliseconds(50)
        try await fixture.test(.live) { client in
            for start in ["", "GET / HT", "POST \(Self.path) HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"] {
                try await RawConnection.open(port: client.port) { connection in
                    // On a busy machine it is sent away before it could say this much.
                    try? await connection.send(start)
                    await connection.waitForEnd()
                }
            }
        }
    }

    @Test func aHeadThatIsTooLargeIsRefused() async throws {
        var fixture = GatewayFixture()
        fixture.configuration.headSizeMax = 1024
        let bus = ScriptedBus(reply: BusReply(status: .answer))
        fixture.bus = bus
        try await fixture.test(.live) { client in
            try await RawConnection.open(port: client.port) { connection in
                let value = String(repeating: "a", count: 2000)
                try await connection.send("GET \(Self.path) HTTP/1.1\r\nHost: x\r\nX: \(value)\r\n\r\n")
                let head = try await connection.readHead()
                #expect(head == nil || head?.hasPrefix("HTTP/1.1 4") == true)
                await connection.waitForEnd()
            }
        }
        #expect(bus.requests.isEmpty)
    }

    @Test func aConnectionServesOneRequestAfterAnother() async throws {
        let bus = ScriptedBus { request throws(BusError) in BusReply(status: .answer, body: request.body) }
        try await GatewayFixture(bus: bus).test(.live) { client in
            try await RawConnection.open(port: client.port) { connection in
                for body in ["one", "two"] {
                    try await connection.send(
                        "POST \(Self.path) HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\(body)"
                    )
                    #expect(try await connection.readHead()?.hasPrefix("HTTP/1.1 200 ") == true)
                    #expect(try await connection.readBody(3) == body)
                }
                // Answered without its body having been looked at, which is then read past.
                let unknown = "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz"
                try await connection.send(unknown + "HEAD \(Self.path) HTTP/1.1\r\nHost: x\r\n\r\n")
                let refusal = try #require(try await connection.readHead())
                #expect(refusal.hasPrefix("HTTP/1.1 404 "))
                _ = try await connection.readBody(Self.contentLength(refusal))
                #expect(try await connection.readHead()?.hasPrefix("HTTP/1.1 200 ") == true)
            }
        }
        let remote = try bus.requests.first?.metadata.map { try WebRequestMetadata(decoding: $0).remote }
        #expect(remote??.isEmpty == false)
    }

    @Test func aClientThatAsksFirstIsToldToGoOn() async throws {
        let bus = ScriptedBus { request throws(BusError) in BusReply(status: .answer, body: request.body) }
        try await GatewayFixture(bus: bus).test(.live) { client in
            try await RawConnection.open(port: client.port) { connection in
                try await connection.send(
                    "POST \(Self.path) HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
                )
                #expect(try await connection.readHead()?.hasPrefix("HTTP/1.1 100 ") == true)
                try await connection.send("ok")
                #expect(try await connection.readHead()?.hasPrefix("HTTP/1.1 200 ") == true)
                #expect(try await connection.readBody(2) == "ok")
            }
        }
    }

    @Test func aClientThatKeepsSendingAfterItsAnswerIsCutOff() async throws {
        try await GatewayFixture().test(.live) { client in
            try await RawConnection.open(port: client.port) { connection in
                try await connection.send("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n")
                #expect(try await connection.readHead()?.hasPrefix("HTTP/1.1 404 ") == true)
                let piece = String(repeating: "a", count: 64 << 10)
                do {
                    for _ in 0..<150 { try await connection.send(piece) }
                } catch {
                    // That is the point: the server has closed.
                }
                await connection.waitForEnd()
            }
        }
    }

    @Test func aLongAnswerArrivesWhole() async throws {
        let body = String(repeating: "0123456789abcdef", count: 1 << 16)
        try await GatewayFixture(bus: ScriptedBus(reply: BusReply(status: .answer, body: Payload(body)))).test(.live) {
            client in
            try await RawConnection.open(port: client.port) { connection in
                try await connection.send("GET \(Self.path) HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try #require(try await connection.readHead())
                #expect(Self.contentLength(head) == body.utf8.count)
                #expect(try await connection.readBody(body.utf8.count) == body)
            }
        }
    }

    @Test func aBusThatNeverAnswersCostsAGatewayTimeoutAndNotTheConnection() async throws {
        var fixture = GatewayFixture()
        fixture.configuration.budget = .milliseconds(20)
        fixture.configuration.budgetSlack = .milliseconds(20)
        fixture.bus = ScriptedBus.silent()
        try await fixture.test(.live) { client in
            try await RawConnection.open(port: client.port) { connection in
                for _ in 0..<2 {
                    try await connection.send("HEAD \(Self.path) HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(try await connection.readHead()?.hasPrefix("HTTP/1.1 504 ") == true)
                }
            }
        }
    }

    @Test func whatIsInFlightIsAnsweredBeforeTheGatewayStops() async throws {
        let bus = ScriptedBus { _ throws(BusError) in
            // Ends when the server has been told to stop, whether by this or by cancellation.
            try? await gracefulShutdown()
            return BusReply(status: .answer, body: "late")
        }
        let answer = try await GatewayFixture(bus: bus).test(.live) { client in
            let port = client.port
            let answer = Task {
                try await RawConnection.open(port: port) { connection in
                    try await connection.send("GET \(Self.path) HTTP/1.1\r\nHost: x\r\n\r\n")
                    _ = try await connection.readHead()
                    let body = try await connection.readBody(4)
                    await connection.waitForEnd()
                    return body
                }
            }
            await bus.waitForCall()
            return answer
        }
        #expect(try await answer.value == "late")
    }

    @Test func aClientThatDoesNotReadItsAnswerIsCutOff() async throws {
        let bus = ScriptedBus(reply: BusReply(status: .answer, body: Payload([UInt8](repeating: 97, count: 32 << 20))))
        var fixture = GatewayFixture(bus: bus)
        // Long enough for the request to arrive on a busy machine: a connection that is idle before it is cut off too.
        fixture.configuration.idleTimeout = .seconds(2)
        let latch = Latch()
        let client = try await fixture.test(.live) { client in
            let port = client.port
            let stuck = Task {
                try await RawConnection.open(port: port) { connection in
                    try await connection.send("GET \(Self.path) HTTP/1.1\r\nHost: x\r\n\r\n")
                    await latch.wait()
                }
            }
            await bus.waitForCall()
            return stuck
        }
        // The server has stopped although the client still holds its end: the connection was closed from the other one.
        latch.open()
        _ = await client.result
    }

    private static func contentLength(_ head: String) -> Int {
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        return line.flatMap { Int($0.dropFirst("content-length: ".count)) } ?? 0
    }
}
