/// Whoever says how fast updates may go: how long each batch may take and how large it may be.
///
/// Implementations MUST end soon after their task is cancelled.
public protocol UpdateController: Sendable {
    /// A batch is about to be worked.
    ///
    /// - Parameters:
    ///   - update: Which.
    ///   - isOneShot: It happens in one go and may take long; the desired duration is then ignored.
    /// - Returns: What the controller says; nil when there is no controller.
    /// - Throws: When the controller cannot be heard or understood.
    func enter(_ update: UpdateIdentity, isOneShot: Bool) async throws -> ControllerAnswer?

    /// The batch that was entered has ended, however it did.
    func exit(_ update: UpdateIdentity, scope: String?, outcome: BatchOutcome) async throws

    /// How many rows the first batch takes; nil when there is no controller.
    func defaultBatchSize(_ update: UpdateIdentity) async throws -> Int64?

    /// How many rows a batch takes at least; nil when there is no controller.
    func minimumBatchSize(_ update: UpdateIdentity) async throws -> Int64?
}

/// An update, as a controller knows it.
public struct UpdateIdentity: Hashable, Sendable {
    public var update: String
    public var database: String

    public init(update: String, database: String) {
        self.update = update
        self.database = database
    }
}

/// A controller's answer to a batch that wants to begin.
public struct ControllerAnswer: Hashable, Sendable {
    public enum Verdict: Hashable, Sendable {
        /// Work, for about this long; in milliseconds.
        case run(milliseconds: Double)
        /// Ask again after a while; in milliseconds.
        case wait(milliseconds: Double, reason: String)
    }

    public var verdict: Verdict
    /// How long to sleep after the batch, in milliseconds; nil for not at all.
    ///
    /// As in the original it is the controller that does the waiting.
    public var sleepMilliseconds: Double?
    /// What the exit has to name.
    public var scope: String?

    public init(_ verdict: Verdict, sleepMilliseconds: Double? = nil, scope: String? = nil) {
        self.verdict = verdict
        self.sleepMilliseconds = sleepMilliseconds
        self.scope = scope
    }
}

/// How a batch ended.
public enum BatchOutcome: Hashable, Sendable {
    case progressed(rows: Int, milliseconds: Double, isCut: Bool)
    case finished(rows: Int, milliseconds: Double)
    /// It failed; the update is tried again later.
    case failed(String)
    /// It was not worked, or not committed, for a reason that is nobody's fault.
    case aborted(String)
}
