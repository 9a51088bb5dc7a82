internal import MessageBus
public import WireProtocol

/// Answers a call of a method: JSON in, JSON out.
///
/// It may throw ``BusFault``, of which the caller sees the codes `bad_request`, `not_found` and `forbidden`; any other error is a `module_error`.
public typealias MethodHandler = @Sendable (JSONValue) async throws -> JSONValue

extension ModuleAPI {
    /// Registers a method: every module, host and service may call it as `method/<this module>/<name>`.
    ///
    /// In the initialiser of the module only.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of `a-z 0-9 _`.
    ///   - execution: Where the handler runs.
    ///   - handler: Answers; it gets `null` when the caller sent nothing.
    public func registerMethod(
        _ name: String,
        execution: HandlerExecution = .loop,
        handler: @escaping MethodHandler
    ) {
        self.register(MethodClaim(name: name), execution: execution, handler: handler)
    }

    /// Calls a method of a module or of a service, such as `status` of `background-update-worker`.
    ///
    /// - Parameters:
    ///   - name: The method.
    ///   - peer: The module's or service's id.
    ///   - arguments: What the method takes.
    ///   - budget: The time within which the answer is needed.
    /// - Returns: The answer; `null` when the method has no opinion.
    /// - Throws: ``BusFault`` when the call failed, ``BusError`` when no reply came.
    public func callMethod(
        _ name: String,
        of peer: String,
        _ arguments: JSONValue = .null,
        budget: Duration = .seconds(5)
    ) async throws -> JSONValue {
        try await self.call(
            "method/\(peer)/\(name)",
            body: arguments == .null ? .empty : arguments.encoded(),
            budget: budget
        )
    }
}
