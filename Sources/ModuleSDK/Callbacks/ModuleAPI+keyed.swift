internal import WireProtocol

extension ModuleAPI {
    /// Registers a callback whose rule is `keyed`, with a handler for each key.
    ///
    /// In the initialiser of the module only. Another module that registers one of the keys with other fields refuses the registration of the one that
    /// stands later in the operator's configuration.
    ///
    /// - Parameters:
    ///   - category: The category, as in `password_auth_provider`.
    ///   - name: The callback, as in `auth_checkers`.
    ///   - argument: The name of the argument that holds the key, as in `login_type`.
    ///   - handlers: A handler for each key, each key once.
    ///   - execution: Where the handlers run.
    ///   - concurrency: How many calls may be in flight to this process (1 to 65,535).
    public func registerKeyedCallback(
        _ category: String,
        _ name: String,
        by argument: String,
        _ handlers: [KeyedHandler],
        execution: HandlerExecution = .loop,
        concurrency: Int = 64
    ) {
        let claim = CallbackClaim(
            category: category,
            name: name,
            concurrency: concurrency,
            keys: handlers.map { KeyClaim(key: $0.key, fields: $0.fields) }
        )
        // A key that stands there twice is refused by the dispatcher, with a reason; which handler it has meanwhile does not matter.
        let table = Dictionary(handlers.map { ($0.key, $0.handler) }) { first, _ in first }
        self.register(claim, execution: execution) { call in
            let key = try call.arguments().string(argument)
            guard let handler = table[key] else { return .noOpinion }
            return try await handler(call)
        }
    }
}
