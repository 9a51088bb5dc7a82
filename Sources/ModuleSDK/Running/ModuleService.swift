internal import Logging
internal import MessageBus
internal import Synchronization
internal import WireProtocol

/// A built module's handlers, behind the targets of the wire.
///
/// An object, because every call takes hold of it.
final class ModuleService: Sendable {
    let manifest: Manifest
    private let web: [String: ModuleRegistrations.WebEntries]
    let callbacks: CallbackTable
    /// By name.
    private let methods: [String: ModuleRegistrations.MethodEntry]
    private let backgroundUpdates: [String: ModuleRegistrations.BackgroundUpdateEntry]
    let scopes = Mutex(OpenScopes())
    let logger: Logger

    init(_ registrations: ModuleRegistrations, logger: Logger) {
        self.manifest = registrations.manifest
        self.web = registrations.web
        self.methods = registrations.methods
        self.backgroundUpdates = registrations.backgroundUpdates
        self.callbacks = CallbackTable(registrations.callbacks)
        self.logger = logger
    }

    func serve(_ call: InboundCall) async -> BusReply {
        if let entry = self.callbacks[call.target] {
            guard let exit = entry.exit else {
                return await self.answer(call, CallbackCall(call, entry.claim), entry)
            }
            return await self.serveScoped(call, entry, exit: exit)
        }
        if call.target.hasPrefix("web/"), let path = call.target.dropFirst("web/".count).firstIndex(of: "/") {
            return await self.serveWeb(call, route: String(call.target[path...]))
        }
        if let entry = Self.name(in: call.target, after: "method/").flatMap({ self.methods[$0] }) {
            return await self.serveMethod(call, entry)
        }
        if let entry = Self.name(in: call.target, after: "update/").flatMap({ self.backgroundUpdates[$0] }) {
            return await self.serveRows(call, entry)
        }
        if ["callback/", "method/", "update/"].contains(where: call.target.hasPrefix) {
            return BusReply(fault: BusFault(.notFound, "this module does not answer \(call.target)"))
        }
        return BusReply(fault: BusFault(.badRequest, "'\(call.target)' is no target of a module"))
    }

    /// What stands in a target after the module's id.
    private static func name(in target: String, after prefix: String) -> String? {
        guard target.hasPrefix(prefix) else { return nil }
        let parts = target.dropFirst(prefix.count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 ? String(parts[1]) : nil
    }

    // MARK: Callbacks

    func answer(
        _ call: InboundCall,
        _ callbackCall: CallbackCall,
        _ entry: ModuleRegistrations.CallbackEntry
    ) async -> BusReply {
        do {
            // Written out rather than passed on: each layer between a call and its handler costs every call.
            let answer =
                switch entry.execution {
                case .loop: try await entry.handler(callbackCall)
                case .blocking: try await Self.run(.blocking) { try await entry.handler(callbackCall) }
                }
            return switch answer {
            case .noOpinion: BusReply(status: .continue)
            case .result(let value): BusReply(status: .answer, body: value.encoded())
            }
        } catch {
            return self.fault(error, of: call, "callback failed")
        }
    }

    /// What a handler answers, or the fault that its error is.
    func reply(
        to call: InboundCall,
        _ failure: Logger.Message,
        _ handle: () async throws -> BusReply
    ) async -> BusReply {
        do {
            return try await handle()
        } catch {
            return self.fault(error, of: call, failure)
        }
    }

    /// What the caller learns of a handler's error; the log gets those that are nobody's intention.
    private func fault(_ error: any Error, of call: InboundCall, _ failure: Logger.Message) -> BusReply {
        if let fault = error as? BusFault { return BusReply(fault: fault) }
        if error is CancellationError, Task.isCancelled {
            return BusReply(fault: BusFault(.cancelled, "the caller gave up"))
        }
        self.logger.error(failure, metadata: ["target": "\(call.target)", "error": "\(error)"])
        return BusReply(fault: BusFault(.moduleError, "\(error)"))
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

    static func run<Value: Sendable>(
        _ execution: HandlerExecution,
        _ handler: @Sendable () async throws -> Value
    ) async throws -> Value {
        switch execution {
        case .loop: try await handler()
        case .blocking: try await withTaskExecutorPreference(BlockingExecutor.shared) { try await handler() }
        }
    }
}

extension CallbackCall {
    init(_ call: InboundCall, _ claim: CallbackClaim, scope: String? = nil) {
        self.init(
            category: claim.category,
            name: claim.name,
            body: call.body,
            budget: call.budget,
            epoch: call.epoch,
            scope: scope
        )
    }
}
