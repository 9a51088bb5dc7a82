internal import HTTPTypes
internal import Hummingbird
internal import MessageBus
internal import WireProtocol

/// What operators ask the cache service: `/_ganglion/admin/v1/caches…`.
///
/// | resource | |
/// | --- | --- |
/// | `GET …/caches` | the cached functions with what is kept of each |
/// | `GET …/caches/statistics` | the service's counters |
/// | `POST …/caches/invalidate` | by `function` (and `key`), by `tags`, or `{"all":true}` |
struct CacheResources: Sendable {
    let body: AdminBodyReader
    let budget: Duration
    /// Calls over the connection to the cache service; nil where none is configured.
    let caller: GuardedCaller?
    /// Tells this gateway's invalidations from those of others.
    let writer = String(UInt64.random(in: .min ... .max), radix: 16)

    /// Answers a request whose bearer token has been checked; `segments` is what follows `caches`.
    func respond(to request: Request, segments: ArraySlice<String>) async throws -> Response {
        guard let caller else {
            let message = "No cache service is configured: give the configuration a `cache` section"
            throw GatewayError(status: .notFound, code: .notFound, message: message)
        }
        switch Array(segments) {
        case []:
            try request.requireReading()
            return try await self.ask(caller, CacheTarget.list).answering(request)
        case ["statistics"]:
            try request.requireReading()
            return try await self.ask(caller, CacheTarget.stats).answering(request)
        case ["invalidate"]:
            guard request.method == .post else { throw GatewayError.methodNotAllowed(allow: "POST") }
            let tags = try CacheSelection(try await self.body.object(of: request).json).tags
            return try await self.ask(caller, CacheTarget.invalidate, self.invalidation(tags))
        default:
            throw GatewayError.notFound
        }
    }

    private func invalidation(_ tags: [String]) -> Payload {
        // A request is not repeated by this gateway, so a number that is never used again is all that is needed.
        let id = UInt64.random(in: 1...UInt64(Int64.max))
        return CacheInvalidation(writer: self.writer, id: id, tags: tags).encoded()
    }

    private func ask(
        _ caller: GuardedCaller,
        _ target: String,
        _ arguments: Payload = .empty
    ) async throws(GatewayError) -> Response {
        let outcome = await caller.call(BusRequest(target: target, body: arguments, budget: self.budget))
        // The other end of this connection is not the dispatcher, which the common words for this name.
        if case .failure(.bus(let error)) = outcome, [.notConnected, .stopped].contains(error.code) {
            throw .unavailable(.notConnected, "The gateway has no connection to the cache service; nothing was done")
        }
        return try outcome.answer()
    }
}
