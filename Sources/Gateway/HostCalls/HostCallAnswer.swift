internal import Hummingbird
internal import MessageBus
internal import WireProtocol

/// What a host is told about a decision.
struct HostCallAnswer {
    private let reply: BusReply
    private let explanation: JSONValue

    init(_ reply: BusReply) {
        self.reply = reply
        // An explanation that cannot be read is a decision unexplained, not a decision lost.
        self.explanation = reply.metadata.flatMap { try? JSONValue(parsing: $0) } ?? .null
    }

    /// The decision as JSON.
    ///
    /// The result goes in byte for byte: what a module wrote is what the host reads.
    ///
    /// - Throws: ``GatewayError`` for a result that is not JSON.
    func response() throws(GatewayError) -> Response {
        let result = try self.result()
        var writer = JSONWriter(capacity: result.count + 512)
        writer.raw("{\"outcome\":")
        writer.write(self.explanation["outcome"] ?? .string(self.reply.status == .answer ? "answer" : "continue"))
        writer.raw(",\"result\":")
        writer.raw(contentsOf: result)
        writer.raw(",\"decided_by\":")
        writer.write(self.reply.target.isEmpty ? .null : .string(self.reply.target))
        writer.raw(",\"epoch\":")
        writer.write(self.reply.epoch)
        writer.raw(",\"request_id\":")
        writer.write(self.explanation["request_id"] ?? .null)
        writer.raw(",\"steps\":")
        writer.write(self.explanation["steps"] ?? .array([]))
        writer.raw("}")
        return .json(Payload(writer.bytes))
    }

    private func result() throws(GatewayError) -> Payload {
        guard !self.reply.body.isEmpty else { return "null" }
        do throws(JSONError) {
            _ = try JSONValue(parsing: self.reply.body)
        } catch {
            throw GatewayError(
                status: .badGateway,
                code: .invalidResult,
                message: "The result is not JSON: \(error)"
            )
        }
        return self.reply.body
    }
}
