internal import Callbacks

extension Check {
    /// Every check after those that bring the module up, for what it registered.
    ///
    /// Those that need a new process come last: what they find does not depend on what was done to the one before.
    static func all(_ trial: Trial) -> [Check] {
        [.pong, .pingInSilence] + Self.registered(trial)
            + [
                .unknownTargets, .cancel, .shortBudget, .tooManyCalls, .malformed, .unknownKinds, .whoAreYou,
                .unknownMembers, .longBodies, .absentCache, .packs, .silentDispatcher, .leavingDispatcher,
                .restartedDispatcher,
                .refusedRegistration,
                .refusedHello, .drain, .lifeline, .incarnation, .wrongConfiguration,
            ]
    }

    /// The names of the checks, for an author who wants only some of them.
    static var names: [String] {
        let nothing = Trial(settings: ConformanceSettings(moduleID: "", catalogue: Catalogue()))
        let fixed = (Self.bringingUp + Self.all(nothing)).map(\.name)
        return fixed.prefix(5) + ["callback", "recorded", "route", "method", "update"] + fixed.dropFirst(5)
    }
}
