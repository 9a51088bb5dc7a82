/// How the next batch may be worked, with every value checked.
package struct UpdatePermit: Hashable, Sendable {
    /// The desired duration.
    package var target: Duration
    /// How long to sleep afterwards.
    package var sleep: Duration
    /// The scope to leave; nil when no controller opened one.
    package var scope: Scope?

    package init(target: Duration, sleep: Duration, scope: Scope?) {
        self.target = target
        self.sleep = sleep
        self.scope = scope
    }

    /// A scope that a controller opened.
    package struct Scope: Hashable, Sendable {
        /// What the controller calls it, if anything.
        package var id: String?

        package init(id: String?) {
            self.id = id
        }
    }
}

/// What came of asking the controller.
package enum EntryAnswer: Hashable, Sendable {
    case run(UpdatePermit)
    /// Ask again later. The scope that was opened has to be left all the same.
    case wait(Duration, reason: String, UpdatePermit.Scope)
}

/// How large the next batch may be.
package struct SizeAdvice: Hashable, Sendable {
    package var first: Int
    package var minimum: Int
}
