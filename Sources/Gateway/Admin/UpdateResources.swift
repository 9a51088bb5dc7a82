internal import HTTPTypes
internal import Hummingbird
internal import MessageBus
internal import WireProtocol

/// What operators ask about background updates, and tell them: `…/background_updates/…`, in the original's JSON and more.
///
/// The worker answers; of several any one, because the state is in the databases.
///
/// | resource | |
/// | --- | --- |
/// | `GET …/background_updates` | every update that is pending or declared |
/// | `GET …/background_updates/status` | the original's, with the pending updates of each database |
/// | `GET`, `POST …/background_updates/enabled` | whether updates run at all |
/// | `POST …/background_updates/start_job` | queues a job |
/// | `POST …/background_updates/{pause,resume,retry}` | one update by `update_name` |
struct UpdateResources: Sendable {
    private static let target = "method/background-update-worker/"
    private static let readable: Set<String> = ["status", "enabled"]
    private static let changeable: Set<String> = ["enabled", "start_job", "pause", "resume", "retry"]

    let body: AdminBodyReader
    let budget: Duration
    let caller: GuardedCaller

    /// Answers a request whose bearer token has been checked; `segments` is what follows `background_updates`.
    func respond(to request: Request, segments: ArraySlice<String>) async throws -> Response {
        guard segments.count < 2 else { throw GatewayError.notFound }
        guard let name = segments.first else {
            try request.requireReading()
            return try await self.ask("list", nil).answering(request)
        }
        let isReadable = Self.readable.contains(name)
        let isChangeable = Self.changeable.contains(name)
        guard isReadable || isChangeable else { throw GatewayError.notFound }
        switch request.method {
        case .get, .head:
            guard isReadable else { throw GatewayError.methodNotAllowed(allow: "POST") }
            return try await self.ask(name, nil).answering(request)
        case .post:
            guard isChangeable else { throw GatewayError.methodNotAllowed(allow: "GET, HEAD") }
            return try await self.ask(name, try await self.body.object(of: request).payload)
        default:
            let reading = isReadable ? ["GET", "HEAD"] : []
            let methods = reading + (isChangeable ? ["POST"] : [])
            throw GatewayError.methodNotAllowed(allow: methods.joined(separator: ", "))
        }
    }

    private func ask(_ method: String, _ arguments: Payload?) async throws(GatewayError) -> Response {
        let request = BusRequest(target: Self.target + method, body: arguments ?? .empty, budget: self.budget)
        return try await self.caller.call(request).answer()
    }
}
