internal import HTTPTypes
internal import Hummingbird
internal import MessageBus
internal import WireProtocol

/// What operators ask: `/_ganglion/admin/v1/…`, most of which the dispatcher knows.
struct AdminResources: Sendable {
    /// What the dispatcher answers as `admin/<what>`.
    private static let forwarded: Set<String> = ["modules", "routes", "callbacks", "status", "explain", "shadow"]

    /// What the dispatcher does with a module as `admin/modules/<what>`.
    private static let changeable: Set<String> = ["disable", "enable"]

    let configuration: GatewayConfiguration
    let tables: RoutingTables
    let caller: GuardedCaller
    let updates: UpdateResources
    let caches: CacheResources

    /// Answers a request whose bearer token has been checked; `segments` is what follows `/_ganglion/admin`.
    func respond(to request: Request, segments: ArraySlice<String>) async throws -> Response {
        switch (segments.first, segments.dropFirst().first) {
        case ("v1", "background_updates"):
            try await self.updates.respond(to: request, segments: segments.dropFirst(2))
        case ("v1", "caches"):
            try await self.caches.respond(to: request, segments: segments.dropFirst(2))
        case ("v1", "modules") where segments.count == 3:
            try await self.change(request, module: segments.last ?? "")
        case ("v1", "explain") where segments.count == 3:
            try await self.explain(request, id: segments.last ?? "")
        default:
            try await self.forward(request, segments)
        }
    }

    /// One decision by the id of its request, which callers of chains get with the outcome.
    private func explain(_ request: Request, id: String) async throws -> Response {
        guard id.isRequestID else { throw GatewayError.notFound }
        try request.requireReading()
        let call = BusRequest(target: "admin/explain/\(id)", budget: self.configuration.budget)
        return try await self.caller.call(call).answer().answering(request)
    }

    private func forward(_ request: Request, _ segments: ArraySlice<String>) async throws(GatewayError) -> Response {
        guard let what = Self.target(segments) else { throw .notFound }
        try request.requireReading()
        let outcome = await self.caller.call(BusRequest(target: "admin/\(what)", budget: self.configuration.budget))
        let response = what == "status" ? self.status(outcome) : try outcome.answer()
        return response.answering(request)
    }

    /// What the dispatcher knows of it as `admin/…`: one of its lists, or one callback.
    private static func target(_ segments: ArraySlice<String>) -> String? {
        guard segments.first == "v1", let what = segments.dropFirst().first, Self.forwarded.contains(what) else {
            return nil
        }
        let rest = segments.dropFirst(2)
        guard !rest.isEmpty else { return what }
        guard what == "callbacks", rest.count == 2, rest.allSatisfy(\.isCallbackName) else { return nil }
        return "\(what)/\(rest.joined(separator: "/"))"
    }

    /// Takes a module out of everything, or back in: `POST …/modules/disable` and `…/modules/enable`.
    private func change(_ request: Request, module what: String) async throws -> Response {
        guard Self.changeable.contains(what) else { throw GatewayError.notFound }
        guard request.method == .post else { throw GatewayError.methodNotAllowed(allow: "POST") }
        let body = try await self.updates.body.object(of: request).payload
        let call = BusRequest(target: "admin/modules/\(what)", body: body, budget: self.configuration.budget)
        return try await self.caller.call(call).answer()
    }

    /// The dispatcher's status with the gateway's own beside it.
    ///
    /// An operator whose dispatcher is down still learns what the gateway sees.
    private func status(_ outcome: GuardedCaller.Outcome) -> Response {
        switch outcome {
        case .success(let reply):
            guard let value = try? JSONValue(parsing: reply.body), var object = value.object else {
                return .json(["dispatcher": .null, "gateway": .object(self.own)])
            }
            object["gateway"] = .object(self.own)
            return .json(.object(object))
        case .failure(let failure):
            return failure.gatewayError(for: .host).response(details: ["gateway": .object(self.own)])
        }
    }

    private var own: JSONObject {
        let table = self.tables.current
        return [
            "connected": .bool(self.tables.isConnected),
            "epoch": .integer(Int64(clamping: table?.epoch ?? 0)),
            "routes": .integer(Int64(table?.routeCount ?? 0)),
            "calls_in_flight": .integer(Int64(self.caller.callsInFlight)),
            "calls_abandoned": .integer(Int64(self.caller.callsAbandoned)),
        ]
    }
}

extension String {
    /// Whether this can be the id of a request: nothing that could change the form of a target.
    fileprivate var isRequestID: Bool {
        (1...64).contains(self.utf8.count)
            && self.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension GuardedCaller.Outcome {
    /// The answer as it came.
    ///
    /// - Throws: ``GatewayError`` when there is none.
    func answer() throws(GatewayError) -> Response {
        switch self {
        case .success(let reply): .json(reply.body)
        case .failure(let failure): throw failure.gatewayError(for: .host)
        }
    }
}

extension Request {
    /// - Throws: ``GatewayError`` for a method other than `GET` and `HEAD`.
    func requireReading() throws(GatewayError) {
        guard self.method == .get || self.method == .head else {
            throw .methodNotAllowed(allow: "GET, HEAD")
        }
    }
}

extension Response {
    /// The response without its body if it answers a `HEAD`.
    func answering(_ request: Request) -> Response {
        request.method == .head ? self.createHeadResponse() : self
    }
}
