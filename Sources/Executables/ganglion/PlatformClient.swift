import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import ServiceRuntime
import Supervision
import WireProtocol

/// Asks the gateway's admin surface.
struct PlatformClient: Sendable {
    /// Larger than any answer of the admin surface.
    private static let answerBytesMax = 64 << 20

    /// The one client for the life of the program.
    ///
    /// A refused connection is reported at once: the pool would go on trying until the
    /// deadline, while the person at the terminal waits.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        // Whoever sends many calls at a time bounds them; each needs a connection of its own.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = ReplayCommand.concurrencyMax
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    let url: String
    private let token: AdminToken

    init(url: String, token: AdminToken) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
    }

    /// The address at which this machine reaches a gateway.
    static func url(of gateway: PlatformConfiguration.Gateway) -> String {
        var address = gateway.listen
        address.host = ["0.0.0.0": "127.0.0.1", "::": "::1"][address.host] ?? address.host
        return "http://\(address)"
    }

    func readiness() async throws -> PlatformReadiness {
        let (status, body) = try await self.send(.GET, "/_ganglion/ready", timeout: .seconds(2))
        guard status == 200 || status == 503 else { throw Self.refusal(status, body) }
        return try Self.decode(PlatformReadiness.self, from: body)
    }

    func modules() async throws -> PlatformStatus {
        let (status, body) = try await self.send(.GET, "/_ganglion/admin/v1/modules", timeout: .seconds(10))
        guard status == 200 else { throw Self.refusal(status, body) }
        return try Self.decode(PlatformStatus.self, from: body)
    }

    /// Calls a chain and returns the JSON of its outcome.
    func call(_ category: String, _ callback: String, arguments: Data, timeout: Duration) async throws -> Data {
        let path = "/_ganglion/v1/callbacks/\(Self.escaped(category))/\(Self.escaped(callback))"
        let (status, body) = try await self.send(.POST, path, body: arguments, timeout: timeout)
        guard status == 200 else { throw Self.refusal(status, body) }
        return body
    }

    /// Asks the admin surface and returns the JSON it answered with.
    ///
    /// - Parameters:
    ///   - path: what follows `/_ganglion/admin/v1/`.
    ///   - body: what to change; nil to read.
    ///   - timeout: how long to wait for the answer.
    /// - Returns: the body of the answer.
    /// - Throws: ``CommandFailure`` when there is no answer, or one that says no.
    func ask(_ path: String, _ body: JSONValue? = nil, timeout: Duration = .seconds(10)) async throws -> Data {
        let data = body.map { Data($0.encoded().bytes) }
        let whole = "/_ganglion/admin/v1/\(path)"
        let (status, answer) = try await self.send(data == nil ? .GET : .POST, whole, body: data, timeout: timeout)
        guard status == 200 else { throw Self.refusal(status, answer) }
        return answer
    }

    /// Sends a request and returns the status and body of whatever was answered.
    ///
    /// - Throws: ``CommandFailure`` when nothing was.
    func send(
        _ method: HTTPMethod,
        _ path: String,
        body: Data? = nil,
        timeout: Duration
    ) async throws -> (UInt, Data) {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = method
        request.headers.add(name: "authorization", value: "Bearer \(self.token.text)")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(data: body))
        }
        do {
            let answer = try await Self.http.execute(request, timeout: TimeAmount(timeout))
            let bytes = try await answer.body.collect(upTo: Self.answerBytesMax)
            return (answer.status.code, Data(buffer: bytes))
        } catch let error as CancellationError {
            throw error
        } catch {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw CommandFailure.unreachable(self.url, reason)
        }
    }

    static func decode<T: Decodable>(_ type: T.Type, from body: Data) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: body)
        } catch {
            throw CommandFailure.failed("the platform's answer is not understood; is it of the same version? \(error)")
        }
    }

    static func refusal(_ status: UInt, _ body: Data) -> CommandFailure {
        struct Answer: Decodable {
            let errcode: String
            let error: String
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: body) else {
            return .failed("the platform answered with HTTP status \(status)")
        }
        return .failed("\(answer.errcode) (HTTP \(status)): \(answer.error)")
    }

    static func escaped(_ segment: String) -> String {
        let unreserved = CharacterSet(charactersIn: "-._~").union(.alphanumerics)
        return segment.addingPercentEncoding(withAllowedCharacters: unreserved) ?? segment
    }
}
