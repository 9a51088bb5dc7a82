/// Works the batches of one declared update.
protocol UpdateHandler: Sendable {
    var kind: UpdateKind { get }

    /// Sees whether the database has what the declaration speaks of.
    ///
    /// - Throws: ``BackgroundUpdatesError`` when it has not.
    func check(_ store: UpdateStore) async throws

    /// Works one batch and commits it.
    ///
    /// - Throws: Whatever kept it from being committed; nothing of it was written then.
    func run(_ batch: BatchContext) async throws -> BatchReport
}

/// What a handler gets for one batch.
struct BatchContext: Sendable {
    var store: UpdateStore
    var claim: BatchClaim
    /// Whether the rows have been counted already, in an earlier batch.
    var isCounted: Bool
    /// Prolongs the lease when it has lasted for a while; to be called before each wait outside of a transaction.
    var keepLease: @Sendable () async throws -> Void
    /// Whether the worker was asked to end; a batch then ends after the step in hand.
    var isStopping: @Sendable () -> Bool
}
