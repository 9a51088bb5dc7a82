internal import Logging
internal import MessageBus
internal import WireProtocol

/// A built module's handlers, behind the targets of the wire.
///
/// An object, because every call takes hold of it.
final class ModuleService: Sendable {
    let manifest: Manifest
    private let web: [String: ModuleRegistrations.WebEntries]
    /// By target.
    private let callbacks: [String: ModuleRegistrations.CallbackEntry]
    private let logger: Logger

    init(_ registrations: ModuleRegistrations, logger: Logger) {
        self.manifest = registrations.manifest
        self.web = registrations.web
        self.callbacks = Dictionary(
            uniqueKeysWithValues: registrations.callbacks.map { ("callback/\($0.key)", $0.value) }
        )
        self.logger = logger
    }

    func serve(_ call: InboundCall) async -> BusReply {
        if let entry = self.callbacks[call.target] {
            return await self.serveCallback(call, entry)
        }
        if call.target.hasPrefix("web/"), let path = call.target.dropFirst("web/".count).firstIndex(of: "/") {
            return await self.serveWeb(call, route: String(call.target[path...]))
        }
        if call.target.hasPrefix("callback/") {
            return BusReply(fault: BusFault(.notFound, "this module does not answer \(call.target)"))
        }
        return BusReply(fault: BusFault(.badRequest, "'\(call.target)' is no target of a module"))
    }

    // MARK: Callbacks

    private func serveCallback(_ call: InboundCall, _ entry: ModuleRegistrations.CallbackEntry) async -> BusReply {
        let callbackCall = CallbackCall(
            category: entry.claim.category,
            name: entry.claim.name,
            body: call.body,
            budget: call.budget,
            epoch: call.epoch
        )
        do {
            switch try await Self.run(entry.execution, { try await entry.handler(callbackCall) }) {
            case .noOpinion: return BusReply(status: .continue)
            case .result(let value): return BusReply(status: .answer, body: value.encoded())
            }
        } catch let fault as BusFault {
            return BusReply(fault: fault)
        } catch is CancellationError where Task.isCancelled {
            return BusReply(fault: BusFault(.cancelled, "the caller gave up"))
        } catch {
            self.logger.error("callback failed", metadata: ["callback": "\(call.target)", "error": "\(error)"])
            return BusReply(fault: BusFault(.moduleError, "\(error)"))
        }
    }

    // MARK: Web resources

    private func serveWeb(_ call: InboundCall, route: String) async -> BusReply {
        guard let entries = self.web[route] else {
            return BusReply(fault: BusFault(.notFound, "this module does not serve \(route)"))
        }
        let metadata: WebRequestMetadata
        do throws(WireError) {
            metadata = try WebRequestMetadata(decoding: call.metadata ?? .empty)
        } catch {
            return BusReply(
                fault: BusFault(.badRequest, "the metadata of a web request cannot be read: \(error.message)")
            )
        }
        guard let entry = entries.entry(for: metadata.path) else {
            return BusReply(fault: BusFault(.notFound, "this module does not serve \(metadata.path)"))
        }
        let request = WebRequest(
            method: metadata.method,
            path: metadata.path,
            route: route,
            parameters: entry.path.parameters(of: metadata.path),
            query: metadata.query,
            headers: metadata.headers,
            body: call.body,
            remote: metadata.remote,
            budget: call.budget
        )
        let response = await self.response(of: entry, to: request)
        let head = WebResponseMetadata(status: response.status, headers: response.headers)
        return BusReply(status: .answer, metadata: head.encoded(), body: response.body)
    }

    private func response(of entry: ModuleRegistrations.WebEntry, to request: WebRequest) async -> WebResponse {
        do {
            return try await Self.run(entry.execution) { try await entry.handler(request) }
        } catch let failure as WebFailure {
            return .failure(failure)
        } catch {
            self.logger.error(
                "web resource failed",
                metadata: ["method": "\(request.method)", "route": "\(request.route)", "error": "\(error)"]
            )
            return .failure(WebFailure(status: 500, code: "M_UNKNOWN", message: "Internal server error"))
        }
    }

    private static func run<Value: Sendable>(
        _ execution: HandlerExecution,
        _ handler: @Sendable () async throws -> Value
    ) async throws -> Value {
        switch execution {
        case .loop: try await handler()
        case .blocking: try await withTaskExecutorPreference(BlockingExecutor.shared) { try await handler() }
        }
    }
}
