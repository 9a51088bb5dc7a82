/// How the next batch may be worked, with every value checked.
struct UpdatePermit: Hashable, Sendable {
    /// The desired duration.
    var target: Duration
    /// How long to sleep afterwards.
    var sleep: Duration
    /// The scope to leave; nil when no controller opened one.
    var scope: Scope?

    /// A scope that a controller opened.
    struct Scope: Hashable, Sendable {
        /// What the controller calls it, if anything.
        var id: String?
    }
}

/// What came of asking the controller.
enum EntryAnswer: Hashable, Sendable {
    case run(UpdatePermit)
    /// Ask again later. The scope that was opened has to be left all the same.
    case wait(Duration, reason: String, UpdatePermit.Scope)
}

/// How large the next batch may be.
struct SizeAdvice: Hashable, Sendable {
    var first: Int
    var minimum: Int
}
