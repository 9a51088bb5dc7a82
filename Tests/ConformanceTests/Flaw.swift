/// What a module may do wrong.
enum Flaw: CaseIterable, Sendable {
    case choosesRoutingID
    case liesAboutItsID
    case saysHelloAsHost
    case speaksAnotherVersion
    case speaksBeforeHello
    case saysNothing
    case registersUnknownCallback
    case registersReservedPath
    case isNeverReady
    case answersNoPing
    case sendsNoPing
    case neverReplies
    case repliesToAnother
    case repliesTwice
    case repliesWrongResult
    case repliesBodyWithContinue
    case repliesUnreadableError
    case diesInCall
    case answersWhatItDoesNotHave
    case dropsCallsBeyondTheLimit
    case diesOfCancel
    case diesOfShortBudget
    case diesOfUnknownKind
    case diesOfUnknownMember
    case diesOfGarbage
    case diesOfPacks
    case diesOfLongBody
    case repliesBeyondTheBodyLimit
    case needsTheCache
    case packsUnasked
    case ignoresWhoAreYou
    case takesNewIncarnationOnReconnect
    case ignoresSilence
    case staysAwayAfterGoodbye
    case staysAwayAfterRestart
    case registersLessAfterRestart
    case crashesWhenRefused
    case asksAllTheTimeWhenRefused
    case endsWellWhenRefused
    case leavesWithoutDrain
    case leavesCallsUnanswered
    case leavesWithoutGoodbye
    case fails
    case diesInDrain
    case neverEnds
    case ignoresLifeline
    case keepsIncarnation
    case takesAnyConfiguration
    case namesNoConfigurationPath
    case sendsMalformedMessages
}

extension Flaw {
    /// The check that has to find it, and how.
    var finding: (check: String, verdict: String) {
        switch self {
        case .choosesRoutingID, .liesAboutItsID, .saysHelloAsHost, .speaksAnotherVersion, .speaksBeforeHello,
            .saysNothing:
            ("hello", "fail")
        case .registersUnknownCallback, .registersReservedPath: ("register", "fail")
        case .isNeverReady: ("ready", "fail")
        case .answersNoPing, .sendsMalformedMessages: ("pong", "fail")
        case .diesOfPacks: ("packs", "fail")
        case .diesOfLongBody, .repliesBeyondTheBodyLimit: ("long-bodies", "fail")
        case .needsTheCache: ("absent-cache", "fail")
        case .sendsNoPing: ("ping-in-silence", "fail")
        case .neverReplies, .repliesToAnother, .repliesTwice, .packsUnasked, .repliesWrongResult,
            .repliesBodyWithContinue,
            .repliesUnreadableError,
            .diesInCall:
            ("callback spam_checker/check_event_for_spam", "fail")
        case .answersWhatItDoesNotHave: ("unknown-targets", "fail")
        case .dropsCallsBeyondTheLimit: ("too-many-calls", "fail")
        case .diesOfCancel: ("cancel", "fail")
        case .diesOfShortBudget: ("short-budget", "fail")
        case .diesOfUnknownKind: ("unknown-kinds", "fail")
        case .diesOfUnknownMember: ("unknown-members", "fail")
        case .diesOfGarbage: ("malformed", "fail")
        case .ignoresWhoAreYou, .takesNewIncarnationOnReconnect: ("who-are-you", "fail")
        case .ignoresSilence: ("silent-dispatcher", "warn")
        case .staysAwayAfterGoodbye: ("leaving-dispatcher", "fail")
        case .staysAwayAfterRestart, .registersLessAfterRestart: ("restarted-dispatcher", "fail")
        case .crashesWhenRefused: ("refused-registration", "fail")
        case .asksAllTheTimeWhenRefused, .endsWellWhenRefused: ("refused-hello", "fail")
        case .leavesWithoutDrain, .leavesCallsUnanswered, .leavesWithoutGoodbye, .fails, .diesInDrain, .neverEnds:
            ("drain", "fail")
        case .ignoresLifeline: ("lifeline", "warn")
        case .keepsIncarnation: ("incarnation", "fail")
        case .takesAnyConfiguration, .namesNoConfigurationPath: ("wrong-configuration", "fail")
        }
    }
}
