internal import HTTPTypes
internal import Hummingbird
internal import MessageBus
internal import WireProtocol

/// Lets a host call a chain of callbacks over HTTP: `POST /_ganglion/v1/callbacks/{category}/{callback}`.
struct HostCalls: Sendable {
    /// How long a host gives a chain, in milliseconds.
    private static let budgetHeader = "ganglion-budget-ms"

    let configuration: GatewayConfiguration
    let caller: GuardedCaller

    /// Answers a request whose bearer token has been checked; `segments` is what follows `/_ganglion/v1`.
    func respond(to request: Request, segments: ArraySlice<String>) async throws -> Response {
        guard let target = Self.target(segments) else { throw GatewayError.notFound }
        guard request.method == .post else { throw GatewayError.methodNotAllowed(allow: "POST") }
        let budget = try self.budget(of: request)
        let arguments = try await self.arguments(of: request)
        let call = BusRequest(
            target: target,
            metadata: TraceContext(request.headers).metadata,
            body: arguments,
            flags: .explain,
            budget: budget
        )
        switch await self.caller.call(call) {
        case .success(let reply): return try HostCallAnswer(reply).response()
        case .failure(let failure): return failure.gatewayError(for: .host).response()
        }
    }

    private static func target(_ segments: ArraySlice<String>) -> String? {
        guard segments.count == 3, segments.first == "callbacks" else { return nil }
        let names = segments.dropFirst()
        guard names.allSatisfy(\.isCallbackName) else { return nil }
        return "callback/" + names.joined(separator: "/")
    }

    private func budget(of request: Request) throws(GatewayError) -> Duration {
        guard let text = request.headers.first(where: { $0.name.canonicalName == Self.budgetHeader })?.value else {
            return self.configuration.budget
        }
        guard let milliseconds = Int(text), milliseconds > 0 else {
            throw Self.badBudget("Ganglion-Budget-Ms is not a number of milliseconds from 1")
        }
        let budget = Duration.milliseconds(min(milliseconds, Int(WireLimits.budgetMilliseconds) + 1))
        guard budget <= self.configuration.hostBudgetMax else {
            throw Self.badBudget("Ganglion-Budget-Ms is more than \(self.configuration.hostBudgetMax)")
        }
        return budget
    }

    private static func badBudget(_ message: String) -> GatewayError {
        GatewayError(status: .badRequest, code: .badBudget, message: message)
    }

    /// The body as it came; it is read here only to refuse what the dispatcher could not understand.
    private func arguments(of request: Request) async throws -> Payload {
        let reader = RequestBodyReader(
            sizeMax: self.configuration.bodySizeMax,
            timeout: self.configuration.uploadTimeout
        )
        let body = Payload(try await reader.read(request))
        guard !body.isEmpty else { throw Self.notJSON("is empty; send a JSON object of named arguments, {} for none") }
        do throws(JSONError) {
            let value = try JSONValue(parsing: body)
            guard value.object != nil else {
                throw JSONError("is \(value.kind); send a JSON object of named arguments")
            }
        } catch {
            throw Self.notJSON(error.offset == nil ? error.message : "is not JSON: \(error)")
        }
        return body
    }

    private static func notJSON(_ message: String) -> GatewayError {
        GatewayError(status: .badRequest, code: .notJSON, message: "The body \(message)")
    }
}

extension String {
    /// Whether this can be the name of a category or a callback: nothing that could change the form of a target.
    var isCallbackName: Bool {
        (1...128).contains(self.utf8.count)
            && self.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
                default: false
                }
            }
    }
}
