internal import WireProtocol

/// What a module has registered: the claims for the dispatcher and the handlers behind them.
struct ModuleRegistrations: Sendable {
    struct WebEntry: Sendable {
        let claim: RouteClaim
        let path: RoutePath
        let execution: HandlerExecution
        let handler: WebHandler
    }

    /// What is registered for one path: the path itself, all that is below it, or both.
    struct WebEntries: Sendable {
        var exact: WebEntry?
        var subtree: WebEntry?

        /// The entry for a path that the gateway has matched.
        func entry(for path: String) -> WebEntry? {
            guard let exact = self.exact, self.subtree == nil || exact.path.isWhole(path) else { return self.subtree }
            return exact
        }
    }

    /// An object, because every call takes hold of it.
    final class CallbackEntry: Sendable {
        let claim: CallbackClaim
        let execution: HandlerExecution
        let handler: CallbackHandler
        /// For callbacks that are entered and left.
        let exit: ScopeExitHandler?

        init(
            claim: CallbackClaim,
            execution: HandlerExecution,
            handler: @escaping CallbackHandler,
            exit: ScopeExitHandler?
        ) {
            self.claim = claim
            self.execution = execution
            self.handler = handler
            self.exit = exit
        }
    }

    struct MethodEntry: Sendable {
        let execution: HandlerExecution
        let handler: MethodHandler
    }

    struct BackgroundUpdateEntry: Sendable {
        let execution: HandlerExecution
        let handler: BackgroundUpdateHandler
    }

    var isClosed = false
    /// The names of the cached functions.
    var cachedFunctions: Set<String> = []
    /// By path: the target of a call does not say which of the two it means.
    private(set) var web: [String: WebEntries] = [:]
    private(set) var callbacks: [String: CallbackEntry] = [:]
    private(set) var methods: [String: MethodEntry] = [:]
    private(set) var backgroundUpdates: [String: BackgroundUpdateEntry] = [:]
    /// In the order of registration, also those that the dispatcher will refuse.
    var manifest = Manifest()

    mutating func add(_ claim: RouteClaim, execution: HandlerExecution, handler: @escaping WebHandler) {
        self.manifest.routes.append(claim)
        let entry = WebEntry(
            claim: claim,
            path: RoutePath(claim.path),
            execution: execution,
            handler: handler
        )
        switch claim.match {
        case .exact: self.web[claim.path, default: WebEntries()].exact = entry
        case .subtree: self.web[claim.path, default: WebEntries()].subtree = entry
        }
    }

    mutating func add(_ claim: MethodClaim, execution: HandlerExecution, handler: @escaping MethodHandler) {
        self.manifest.methods.append(claim)
        self.methods[claim.name] = MethodEntry(execution: execution, handler: handler)
    }

    mutating func add(
        _ claim: BackgroundUpdateClaim,
        execution: HandlerExecution,
        handler: @escaping BackgroundUpdateHandler
    ) {
        self.manifest.backgroundUpdates.append(claim)
        self.backgroundUpdates[claim.name] = BackgroundUpdateEntry(execution: execution, handler: handler)
    }

    mutating func add(
        _ claim: CallbackClaim,
        execution: HandlerExecution,
        handler: @escaping CallbackHandler,
        exit: ScopeExitHandler?
    ) {
        self.manifest.callbacks.append(claim)
        self.callbacks["\(claim.category)/\(claim.name)"] = CallbackEntry(
            claim: claim,
            execution: execution,
            handler: handler,
            exit: exit
        )
    }
}
