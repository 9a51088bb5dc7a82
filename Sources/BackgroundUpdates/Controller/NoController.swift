/// A platform whose modules do not pace updates.
public struct NoController: UpdateController {
    public init() {}

    public func enter(_ update: UpdateIdentity, isOneShot: Bool) async throws -> ControllerAnswer? { nil }
    public func exit(_ update: UpdateIdentity, scope: String?, outcome: BatchOutcome) async throws {}
    public func defaultBatchSize(_ update: UpdateIdentity) async throws -> Int64? { nil }
    public func minimumBatchSize(_ update: UpdateIdentity) async throws -> Int64? { nil }
}
