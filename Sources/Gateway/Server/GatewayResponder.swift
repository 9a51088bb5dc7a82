internal import HTTPTypes
public import Hummingbird
internal import Logging

/// Answers every request: the gateway's own resources below `/_ganglion` (and one of the original's paths), the modules' everywhere else.
public struct GatewayResponder: HTTPResponder {
    /// What a request brings besides itself.
    public typealias Context = GatewayRequestContext

    let web: WebResources
    let hostCalls: HostCalls
    let admin: AdminResources
    let probes: Probes
    let token: BearerToken

    /// Answers a request.
    ///
    /// - Throws: Only the connection's errors; whatever else goes wrong is a response.
    public func respond(to request: Request, context: GatewayRequestContext) async throws -> Response {
        let response: Response
        do {
            response = try await self.route(request, context)
        } catch let error as GatewayError {
            response = error.response().answering(request)
        } catch let error as RequestPathError {
            response = GatewayError(error).response().answering(request)
        }
        context.logger.debug(
            "request",
            metadata: [
                "http.method": "\(request.method)",
                "http.path": "\(request.uri.path)",
                "http.status": "\(response.status.code)",
            ]
        )
        return response
    }

    private func route(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        let path = try RequestPath(request.head.path ?? "/")
        if path.segments[0] == "_ganglion" { return try await self.own(request, path.segments.dropFirst()) }
        guard path.segments.starts(with: Self.originalUpdates) else {
            return try await self.web.respond(to: request, path: path, remote: context.remote)
        }
        try self.token.check(request.headers)
        let rest = path.segments.dropFirst(Self.originalUpdates.count)
        return try await self.admin.updates.respond(to: request, segments: rest)
    }

    /// Where the original has its background updates: tools for it work here as they are.
    private static let originalUpdates = ["_synapse", "admin", "v1", "background_updates"]

    private func own(_ request: Request, _ segments: ArraySlice<String>) async throws -> Response {
        switch segments.first {
        case "health" where segments.count == 1:
            try request.requireReading()
            return self.probes.health().answering(request)
        case "ready" where segments.count == 1:
            try request.requireReading()
            return self.probes.ready().answering(request)
        case "admin":
            try self.token.check(request.headers)
            return try await self.admin.respond(to: request, segments: segments.dropFirst())
        case "v1":
            try self.token.check(request.headers)
            return try await self.hostCalls.respond(to: request, segments: segments.dropFirst())
        default:
            throw GatewayError.notFound
        }
    }
}
