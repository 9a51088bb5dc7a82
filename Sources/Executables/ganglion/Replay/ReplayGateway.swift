import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import ServiceRuntime
import Supervision
import WireProtocol

/// The gateway of a running platform, as a host sees it.
struct ReplayGateway: Sendable {
    /// The gateway answers within its budget; this is for one that does not.
    private static let graceAfterBudget = Duration.seconds(5)
    private static let answerBytesMax = 16 << 20
    private static let readyInterval = Duration.milliseconds(50)

    private let client: HTTPClient
    private let platform: PlatformConfiguration

    init(_ platform: PlatformConfiguration, connections: Int) {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.platform = platform
    }

    /// Waits until the platform says that it is ready.
    ///
    /// - Returns: the token that its calls need.
    /// - Throws: ``ReplayError`` with the last reason, when the time is over.
    func token(within wait: Duration) async throws -> String {
        let end = ContinuousClock.now + wait
        while true {
            do throws(ReplayError) {
                try await self.checkReady()
                return try self.loadToken()
            } catch {
                guard .now < end else { throw error }
                try await Task.sleep(for: Self.readyInterval)
            }
        }
    }

    /// Sends a call and waits for its verdict.
    func outcome(of call: RecordedCall, token: String) async -> ReplayOutcome {
        var request = self.request(call.path)
        request.method = .POST
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(call.arguments.bytes)
        do {
            let (status, body) = try await self.execute(request)
            return ReplayOutcome(status: status, body: body)
        } catch {
            return .failed(code: "no answer", message: "\(error)")
        }
    }

    func close() async throws {
        try await self.client.shutdown()
    }

    private func checkReady() async throws(ReplayError) {
        let answer: (status: Int, body: Payload)
        do {
            answer = try await self.execute(self.request("/_ganglion/ready"))
        } catch {
            let address = self.platform.gateway.listen
            throw .unavailable("no platform answers at \(address) (\(error)): start it with `ganglion up`")
        }
        guard answer.status == 200 else {
            throw .unavailable("the platform is not ready: \(answer.body.text); `ganglion status` has the reasons")
        }
    }

    private func loadToken() throws(ReplayError) -> String {
        do {
            return try AdminToken.load(self.platform.gateway.adminTokenFile).text
        } catch {
            throw .unavailable("\(error)")
        }
    }

    private func request(_ path: String) -> HTTPClientRequest {
        HTTPClientRequest(url: "http://\(self.platform.gateway.listen)\(path)")
    }

    private func execute(_ request: HTTPClientRequest) async throws -> (status: Int, body: Payload) {
        let timeout = self.platform.gateway.budget + Self.graceAfterBudget
        let response = try await self.client.execute(request, timeout: TimeAmount(timeout))
        let body = try await response.body.collect(upTo: Self.answerBytesMax)
        return (Int(response.status.code), Payload(Array(body.readableBytesView)))
    }
}
