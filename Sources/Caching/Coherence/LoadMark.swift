/// What a value that is being computed depends on: its tags, and the number that it is known to follow.
///
/// A value computed from other cached values inherits their tags. A value from the near cache may be Δ old, and one from a load that
/// had begun already may be older than this load; so the computed value follows no later number than they did. Without that, an old part
/// would live on in a whole that looks newer than the part's invalidation.
public struct LoadMark: Sendable {
    /// The number that the whole follows; `nil` as long as no part lowered it.
    public private(set) var ceiling: SequenceNumber?
    public private(set) var tags: Set<String>
    private let rules: CoherenceRules

    public init(tags: some Sequence<String>) {
        self.init(tags: tags, rules: .all)
    }

    package init(tags: some Sequence<String>, rules: CoherenceRules) {
        self.tags = Set(tags)
        self.rules = rules
    }

    /// Notes a part.
    ///
    /// - Parameters:
    ///   - tags: The part's tags.
    ///   - ceiling: For a part that may be older than this load, the number that it was known to be served at.
    public mutating func note(tags: some Sequence<String>, ceiling: SequenceNumber?) {
        self.tags.formUnion(tags)
        guard let ceiling, self.rules.contains(.nestedMark) else { return }
        self.ceiling = min(self.ceiling ?? ceiling, ceiling)
    }

    /// The number that the whole follows, given that of its own load.
    public func lowered(_ asof: SequenceNumber) -> SequenceNumber {
        min(asof, self.ceiling ?? asof)
    }
}
