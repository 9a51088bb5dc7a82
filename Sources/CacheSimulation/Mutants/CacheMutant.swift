import Caching

/// A cache that lacks one rule: whoever watches it has to notice.
public enum CacheMutant: String, CaseIterable, Sendable {
    /// A near cache does not compare marks with invalidations.
    case nearMarksIgnored = "near_marks_ignored"
    /// A service does not compare marks with invalidations.
    case sharedMarksIgnored = "shared_marks_ignored"
    /// Freshness is counted from the answer.
    case freshFromAnswer = "fresh_from_answer"
    /// There is freshness before the invalidations are applied.
    case freshTooEarly = "fresh_too_early"
    /// There is no floor after a flush.
    case floorForgotten = "floor_forgotten"
    /// The mark is taken after the load.
    case markAfterLoad = "mark_after_load"
    /// A whole looks newer than its part.
    case nestedMarkForgotten = "nested_mark_forgotten"
    /// A service that starts again keeps its epoch.
    case epochKept = "epoch_kept"

    /// Takes the rule away, and lets be what shows it.
    func lack(in settings: inout CacheSettings) {
        switch self {
        case .nearMarksIgnored: settings.rules.remove(.tagsAtHit)
        case .sharedMarksIgnored: settings.rules.remove(.tagsInService)
        case .freshFromAnswer: settings.rules.remove(.freshFromRequest)
        case .freshTooEarly: settings.rules.remove(.freshWhenCaughtUp)
        case .floorForgotten: settings.rules.remove(.floorAfterFlush)
        case .markAfterLoad: settings.rules.remove(.markBeforeLoad)
        case .nestedMarkForgotten:
            settings.rules.remove(.nestedMark)
            settings.hasNestedKeys = true
        case .epochKept: settings.keepsEpoch = true
        }
    }
}
