internal import HTTPTypes
internal import Hummingbird
internal import MessageBus
internal import WireProtocol

/// Serves the web resources of modules.
struct WebResources: Sendable {
    let configuration: GatewayConfiguration
    let tables: RoutingTables
    let caller: GuardedCaller

    /// Answers a request for a path that is not the gateway's own.
    ///
    /// - Throws: ``GatewayError``, or the connection's error.
    func respond(to request: Request, path: RequestPath, remote: String?) async throws -> Response {
        guard let table = self.tables.current else {
            throw GatewayError.unavailable(.notReady, "The gateway has not heard yet which modules there are")
        }
        switch table.resolve(method: request.method.rawValue, path: path) {
        case .serve(let route, let method):
            return try await self.serve(request, path, route, method: method, remote)
        case .notFound:
            throw GatewayError.notFound
        case .methodNotAllowed(let allow):
            throw GatewayError.methodNotAllowed(allow: allow)
        case .options(let allow):
            return Response(status: .noContent, headers: [.allow: allow], bodyless: ())
        }
    }

    private func serve(
        _ request: Request,
        _ path: RequestPath,
        _ route: Route,
        method: String,
        _ remote: String?
    ) async throws -> Response {
        guard route.isUp else {
            throw GatewayError.unavailable(.noneUp, "The module that serves this is down")
        }
        let reader = RequestBodyReader(
            sizeMax: self.configuration.bodySizeMax,
            timeout: self.configuration.uploadTimeout
        )
        let call = WebCall.request(
            request,
            path: path,
            route: route,
            method: method,
            remote: remote,
            body: try await reader.read(request),
            budget: self.configuration.budget
        )
        switch await self.caller.call(call) {
        case .success(let reply):
            return try ModuleResponse.response(
                reply,
                isHead: request.method == .head,
                limits: (self.configuration.headSizeMax, self.configuration.headerCountMax)
            )
        case .failure(let failure):
            throw failure.gatewayError(for: .client)
        }
    }
}
