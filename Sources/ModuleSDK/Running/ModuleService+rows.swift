internal import Logging
internal import MessageBus
internal import WireProtocol

// MARK: Methods and background updates

extension ModuleService {
    func serveMethod(_ call: InboundCall, _ entry: ModuleRegistrations.MethodEntry) async -> BusReply {
        await self.reply(to: call, "method failed") {
            let arguments = try Self.json(call.body)
            let answer = try await Self.run(entry.execution) { try await entry.handler(arguments) }
            return BusReply(status: .answer, body: answer.encoded())
        }
    }

    func serveRows(_ call: InboundCall, _ entry: ModuleRegistrations.BackgroundUpdateEntry) async -> BusReply {
        await self.reply(to: call, "background update failed") {
            let rows = try Self.rows(call.body)
            let changes = try await Self.run(entry.execution) { try await entry.handler(rows) }
            guard !changes.isEmpty else { return BusReply(status: .continue) }
            return BusReply(status: .answer, body: changes.json.encoded())
        }
    }

    private static func json(_ body: Payload) throws -> JSONValue {
        do throws(JSONError) {
            return body.isEmpty ? .null : try JSONValue(parsing: body)
        } catch {
            throw BusFault(.badRequest, "the arguments are no JSON: \(error)")
        }
    }

    private static func rows(_ body: Payload) throws -> BackgroundUpdateRows {
        do throws(JSONError) {
            return try BackgroundUpdateRows(json: JSONValue(parsing: body))
        } catch {
            throw BusFault(.badRequest, "the rows cannot be read: \(error)")
        }
    }
}
