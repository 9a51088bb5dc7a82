internal import WireProtocol

/// Learns that a scope is over: the arguments are those of whoever left, or those of entering with an `outcome` of status `lost`.
///
/// An error it throws is logged.
public typealias ScopeExitHandler = @Sendable (CallbackCall) async throws -> Void

extension ModuleAPI {
    /// Registers a callback that is entered and left.
    ///
    /// In the initialiser of the module only. When `enter` has given a result, `exit` is called exactly once afterwards, whoever dies meanwhile;
    /// ``CallbackCall/scope`` says which belong together. Without a result nothing was entered.
    ///
    /// - Parameters:
    ///   - category: The category.
    ///   - name: The callback, whose rule is `scoped`.
    ///   - execution: Where the handlers run.
    ///   - concurrency: How many calls of `enter` may be in flight to this process (1 to 65,535).
    ///   - enter: Answers whoever enters.
    ///   - exit: Learns that the scope is over.
    public func registerScopedCallback(
        _ category: String,
        _ name: String,
        execution: HandlerExecution = .loop,
        concurrency: Int = 64,
        enter: @escaping CallbackHandler,
        exit: @escaping ScopeExitHandler
    ) {
        let claim = CallbackClaim(category: category, name: name, concurrency: concurrency)
        self.register(claim, execution: execution, handler: enter, exit: exit)
    }
}
