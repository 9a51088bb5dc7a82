/// The rules that make a cache coherent, each of which a simulation takes away to see that it would be missed.
///
/// All of them hold everywhere else.
package struct CoherenceRules: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// A near cache compares an entry's mark with the invalidations of its tags.
    package static let tagsAtHit = Self(rawValue: 1 << 0)
    /// The cache service compares a value's mark with the invalidations of its tags.
    package static let tagsInService = Self(rawValue: 1 << 1)
    /// Freshness is counted from when the question was sent, not from when the answer came.
    package static let freshFromRequest = Self(rawValue: 1 << 2)
    /// An answer proves freshness only once every invalidation up to its head has been applied.
    package static let freshWhenCaughtUp = Self(rawValue: 1 << 3)
    /// After a flush nothing from before it is served.
    package static let floorAfterFlush = Self(rawValue: 1 << 4)
    /// A lease carries the number known before the load, not the one at its end.
    package static let markBeforeLoad = Self(rawValue: 1 << 5)
    /// What was computed from a near hit is no newer than what the near cache had applied.
    package static let nestedMark = Self(rawValue: 1 << 6)

    package static let all: Self = [
        .tagsAtHit, .tagsInService, .freshFromRequest, .freshWhenCaughtUp, .floorAfterFlush, .markBeforeLoad,
        .nestedMark,
    ]
}
