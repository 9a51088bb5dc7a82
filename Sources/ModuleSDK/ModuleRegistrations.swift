internal import WireProtocol

/// What a module has registered: the claims for the dispatcher and the handlers behind them.
struct ModuleRegistrations: Sendable {
    struct WebEntry: Sendable {
        let claim: RouteClaim
        let path: RoutePath
        let execution: HandlerExecution
        let handler: WebHandler
    }

    struct CallbackEntry: Sendable {
        let claim: CallbackClaim
        let execution: HandlerExecution
        let handler: CallbackHandler
    }

    var isClosed = false
    /// The names of the cached functions.
    var cachedFunctions: Set<String> = []
    private(set) var web: [String: WebEntry] = [:]
    private(set) var callbacks: [String: CallbackEntry] = [:]
    /// In the order of registration, also those that the dispatcher will refuse.
    private(set) var manifest = Manifest()

    mutating func add(_ claim: RouteClaim, execution: HandlerExecution, handler: @escaping WebHandler) {
        self.manifest.routes.append(claim)
        self.web[claim.path] = WebEntry(
            claim: claim,
            path: RoutePath(claim.path),
            execution: execution,
            handler: handler
        )
    }

    mutating func add(_ claim: CallbackClaim, execution: HandlerExecution, handler: @escaping CallbackHandler) {
        self.manifest.callbacks.append(claim)
        self.callbacks["\(claim.category)/\(claim.name)"] = CallbackEntry(
            claim: claim,
            execution: execution,
            handler: handler
        )
    }
}
