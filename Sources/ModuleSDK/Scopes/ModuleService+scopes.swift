internal import Logging
internal import MessageBus
internal import Synchronization
internal import WireProtocol

// MARK: Scopes

extension ModuleService {
    /// Serves a call that enters or leaves a scope.
    func serveScoped(
        _ call: InboundCall,
        _ entry: ModuleRegistrations.CallbackEntry,
        exit: @escaping ScopeExitHandler
    ) async -> BusReply {
        let metadata = call.metadata.flatMap { try? JSONValue(parsing: $0) }
        guard let scope = metadata?["scope_id"]?.string else {
            return BusReply(fault: BusFault(.badRequest, "the metadata of \(call.target) have no `scope_id`"))
        }
        let callbackCall = CallbackCall(call, entry.claim, scope: scope)
        switch metadata?["scope"]?.string {
        case "enter":
            guard self.scopes.withLock({ $0.enter(scope, callbackCall) }) else {
                return BusReply(fault: BusFault(.cancelled, "the scope is over already"))
            }
            let reply = await self.answer(call, callbackCall, entry)
            if let left = self.scopes.withLock({ $0.entered(scope, reply.status == .answer) }) {
                await self.leave(left, entry.execution, exit)
            }
            return reply
        case "exit":
            if self.scopes.withLock({ $0.leave(scope, callbackCall) }) {
                await self.leave(callbackCall, entry.execution, exit)
            }
            return BusReply(status: .continue)
        default:
            return BusReply(fault: BusFault(.badRequest, "`scope` is neither `enter` nor `exit`"))
        }
    }

    private func leave(
        _ call: CallbackCall,
        _ execution: HandlerExecution,
        _ exit: @escaping ScopeExitHandler
    ) async {
        do {
            try await Self.run(execution) { try await exit(call) }
        } catch {
            self.logger.error(
                "leaving a scope failed",
                metadata: ["callback": "\(call.category)/\(call.name)", "error": "\(error)"]
            )
        }
    }

    /// Leaves every scope, for a connection has ended and no exit of it will come any more.
    func leaveScopes(because reason: String) async {
        for call in self.scopes.withLock({ $0.leaveAll(because: reason) }) {
            guard let entry = self.callbacks["callback/\(call.category)/\(call.name)"], let exit = entry.exit else {
                continue
            }
            await self.leave(call, entry.execution, exit)
        }
    }
}
