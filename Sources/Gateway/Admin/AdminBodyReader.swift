internal import Hummingbird
internal import WireProtocol

/// Reads what an operator sends: a JSON object.
struct AdminBodyReader: Sendable {
    /// More than any of these requests has to say.
    static let sizeMax = 64 << 10

    let timeout: Duration

    /// - Throws: ``GatewayError`` for a body that is no object, or does not arrive in time.
    func object(of request: Request) async throws -> (json: JSONObject, payload: Payload) {
        let payload = Payload(try await RequestBodyReader(sizeMax: Self.sizeMax, timeout: self.timeout).read(request))
        guard !payload.isEmpty else { throw Self.refusal("is empty; send a JSON object") }
        do throws(JSONError) {
            let value = try JSONValue(parsing: payload)
            guard let object = value.object else { throw JSONError("is \(value.kind); send a JSON object") }
            return (object, payload)
        } catch {
            throw Self.refusal(error.offset == nil ? error.message : "is not JSON: \(error)")
        }
    }

    private static func refusal(_ message: String) -> GatewayError {
        GatewayError(status: .badRequest, code: .notJSON, message: "The body \(message)")
    }
}
