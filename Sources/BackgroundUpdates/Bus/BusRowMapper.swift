internal import MessageBus
internal import WireProtocol

/// Asks modules over the bus: `update/<module>/<update>`.
struct BusRowMapper: RowMapper {
    /// How long a module may think about one step of a batch: shorter than a lease lasts.
    static let budget = Duration.seconds(5)

    let bus: any BusCaller

    func changes(for question: RowsQuestion, writable: Set<String>) async throws -> RowChanges {
        let reply = try await self.ask(question)
        switch reply.status {
        case .answer:
            return try RowChanges(json: try Self.json(reply), rows: question.rows.count, writable: writable)
        case .continue:
            // Without an opinion there is nothing to change for these rows.
            return RowChanges()
        case .error, .overloaded:
            let fault = reply.fault ?? BusFault(.internal, "an error without a description")
            throw Self.error(fault, module: question.module)
        }
    }

    private func ask(_ question: RowsQuestion) async throws(BackgroundUpdatesError) -> BusReply {
        let request = BusRequest(
            target: "update/\(question.module)/\(question.update)",
            body: question.json.encoded(),
            budget: Self.budget
        )
        do throws(BusError) {
            return try await self.bus.call(request)
        } catch {
            guard error.code != .invalidRequest else { throw BackgroundUpdatesError(.failed, error.message) }
            throw BackgroundUpdatesError(.unavailable, "waiting for module `\(question.module)`: \(error.message)")
        }
    }

    private static func json(_ reply: BusReply) throws(BackgroundUpdatesError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: reply.body)
        } catch {
            throw BackgroundUpdatesError(.definitive, "the module's answer is no JSON: \(error)")
        }
    }

    /// A module that is not there may come back, for as long as that takes; one that fails may be broken.
    private static func error(_ fault: BusFault, module: String) -> BackgroundUpdatesError {
        let absent: [BusFault.Code] = [.noneRegistered, .noneUp, .lost, .overloaded, .timeout, .notFound, .cancelled]
        if absent.contains(fault.code) || fault.isRetryable {
            return BackgroundUpdatesError(.unavailable, "waiting for module `\(module)`: \(fault)")
        }
        return BackgroundUpdatesError(.failed, "module `\(module)`: \(fault)")
    }
}
