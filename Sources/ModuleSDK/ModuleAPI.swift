public import Caching
public import Logging
public import MessageBus
internal import Synchronization
public import WireProtocol

/// What the platform gives a module: registration in its initialiser, and calls, logging and its own name at any time.
public final class ModuleAPI: Sendable {
    /// The module's name in the operator's configuration.
    public let moduleID: String
    /// A logger that is labelled with the module's name.
    public let logger: Logger
    /// What the module's own timers run by: `try await api.clock.sleep(for: .seconds(60))`.
    ///
    /// On a real bus the system's continuous clock, and in a test the one that the test holds.
    public let clock: any Clock<Duration>
    /// This process's side of the cache.
    let cache: CacheClient
    let caller: any BusCaller & ReadinessSink
    private let registrations = Mutex(ModuleRegistrations())

    /// For runners and test kits; a module is given its API.
    public init(
        moduleID: String,
        logger: Logger,
        caller: any BusCaller & ReadinessSink,
        cache: CacheClient = CacheClient(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.moduleID = moduleID
        self.cache = cache
        self.logger = logger
        self.clock = clock
        self.caller = caller
    }

    /// Registers a web resource at an absolute path.
    ///
    /// In the initialiser of the module only. `/_modules/<id>/…` belongs to the module and cannot conflict with another; the operator may refuse
    /// other paths. A segment `{name}` matches any one segment.
    ///
    /// - Parameters:
    ///   - path: The path, beginning with a slash.
    ///   - methods: The HTTP methods, upper case. `HEAD` comes with `GET`, `OPTIONS` is answered for you.
    ///   - match: Whether the path alone is served or everything below it too.
    ///   - execution: Where the handler runs.
    ///   - handler: Answers a request. It may throw ``WebFailure``; any other error is logged and becomes a 500.
    public func registerWebResource(
        _ path: String,
        methods: [String] = ["GET"],
        match: RouteClaim.Match = .exact,
        execution: HandlerExecution = .loop,
        handler: @escaping WebHandler
    ) {
        let claim = RouteClaim(path: path, match: match, methods: methods)
        self.add { $0.add(claim, execution: execution, handler: handler) }
    }

    func register(
        _ claim: CallbackClaim,
        execution: HandlerExecution,
        handler: @escaping CallbackHandler,
        exit: ScopeExitHandler? = nil
    ) {
        self.add { $0.add(claim, execution: execution, handler: handler, exit: exit) }
    }

    func register(_ claim: MethodClaim, execution: HandlerExecution, handler: @escaping MethodHandler) {
        self.add { $0.add(claim, execution: execution, handler: handler) }
    }

    func register(
        _ claim: BackgroundUpdateClaim,
        execution: HandlerExecution,
        handler: @escaping BackgroundUpdateHandler
    ) {
        self.add { $0.add(claim, execution: execution, handler: handler) }
    }

    func noteCachedFunction(_ name: String) {
        self.add { registrations in
            let isNew = registrations.cachedFunctions.insert(name).inserted
            precondition(isNew, "A module registers each cached function once; '\(name)' is registered already.")
        }
    }

    func add(_ change: (inout ModuleRegistrations) -> Void) {
        self.registrations.withLock { registrations in
            precondition(!registrations.isClosed, "A module registers in its initialiser; that has returned.")
            change(&registrations)
        }
    }

    /// Ends registration.
    func closeRegistration() -> ModuleRegistrations {
        self.registrations.withLock { registrations in
            registrations.isClosed = true
            return registrations
        }
    }

    /// Asks a callback's whole chain, as a host does.
    ///
    /// - Parameters:
    ///   - category: The callback's category.
    ///   - name: The callback's name.
    ///   - arguments: The named arguments.
    ///   - budget: The time within which the answer is needed.
    /// - Returns: The decision; where nobody had an opinion, the callback's default.
    /// - Throws: ``BusFault`` when the chain failed, ``BusError`` when no reply came.
    public func ask(
        _ category: String,
        _ name: String,
        arguments: JSONObject,
        budget: Duration = .seconds(5)
    ) async throws -> JSONValue {
        try await self.call(
            "callback/\(category)/\(name)",
            body: JSONValue.object(arguments).encoded(),
            budget: budget
        )
    }

    func call(_ target: String, body: Payload, budget: Duration) async throws -> JSONValue {
        let reply = try await self.caller.call(BusRequest(target: target, body: body, budget: budget))
        if let fault = reply.fault { throw fault }
        return reply.body.isEmpty ? .null : try JSONValue(parsing: reply.body)
    }
}

/// Answers a web request.
public typealias WebHandler = @Sendable (WebRequest) async throws -> WebResponse
