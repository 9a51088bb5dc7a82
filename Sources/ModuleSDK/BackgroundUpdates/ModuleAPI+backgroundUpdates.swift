internal import WireProtocol

extension ModuleAPI {
    /// Registers a background update of the module's own: it maps rows that a worker reads to changes that the worker applies.
    ///
    /// In the initialiser of the module only. The update runs where the operator's configuration declares it for a database, with this module's name.
    ///
    /// - Parameters:
    ///   - name: The update's name in the queue: 1 to 128 of `A-Z a-z 0-9 _ . -`.
    ///   - execution: Where the handler runs.
    ///   - handler: Maps rows to changes.
    public func registerBackgroundUpdate(
        _ name: String,
        execution: HandlerExecution = .loop,
        handler: @escaping BackgroundUpdateHandler
    ) {
        self.register(BackgroundUpdateClaim(name: name), execution: execution, handler: handler)
    }

    /// Registers the controller of all background updates.
    ///
    /// There is one at most: a second module that registers one is refused.
    ///
    /// In the initialiser of the module only. What a controller does not say, and what it says too late, becomes the default: 100 ms of work, a second
    /// of sleep, 100 rows in the first batch, at least 1 in each.
    ///
    /// - Parameters:
    ///   - onUpdate: Asked before each batch; nil for the default.
    ///   - afterUpdate: Told how the batch ended: once for each time that `onUpdate` gave an answer, whatever died meanwhile.
    ///   - defaultBatchSize: How many rows has the first batch of an update?
    ///   - minBatchSize: How many rows has a batch at least?
    ///   - execution: Where the handlers run.
    public func registerBackgroundUpdateController(
        onUpdate: @escaping @Sendable (BackgroundUpdateIdentity) async throws -> BackgroundUpdatePace?,
        afterUpdate: @escaping @Sendable (BackgroundUpdateIdentity, BackgroundUpdateOutcome) async -> Void = { _, _ in
        },
        defaultBatchSize: (@Sendable (BackgroundUpdateIdentity) async throws -> Int)? = nil,
        minBatchSize: (@Sendable (BackgroundUpdateIdentity) async throws -> Int)? = nil,
        execution: HandlerExecution = .loop
    ) {
        let category = "background_update_controller"
        self.registerScopedCallback(category, "on_update", execution: execution) { call in
            let pace = try await onUpdate(BackgroundUpdateIdentity(call.arguments()))
            return pace.map { .result($0.json) } ?? .noOpinion
        } exit: { call in
            let arguments = try call.arguments()
            try await afterUpdate(BackgroundUpdateIdentity(arguments), BackgroundUpdateOutcome(arguments["outcome"]))
        }
        let sizes = ["default_batch_size": defaultBatchSize, "min_batch_size": minBatchSize].compactMapValues { size in
            size.map { size -> CallbackHandler in
                { call in try await .result(.integer(Int64(size(BackgroundUpdateIdentity(call.arguments()))))) }
            }
        }
        self.registerCallbacks(category, sizes, execution: execution)
    }
}
