internal import WireProtocol

/// One rule of the wire protocol, and how to see whether a module keeps it.
struct Check: Sendable {
    /// How binding the rule is, in the words of RFC 2119.
    enum Level: String, Sendable {
        case must
        case should
    }

    /// What has to be before a check can begin.
    enum Start: Sendable {
        /// Nothing: it starts the module itself.
        case anew
        /// The check before this one has brought the module where it is.
        case goingOn
        /// A module that is ready, started if there is none.
        case ready
    }

    /// What there is to do.
    enum Plan: Sendable {
        case steps([Step])
        /// There is nothing to check, for this reason.
        case skip(String)
    }

    let name: String
    /// The section of `docs/wire-protocol.md` that has the rule.
    let section: String
    let level: Level
    let start: Start
    let plan: @Sendable (inout Trial) -> Plan

    init(
        _ name: String,
        section: String,
        level: Level = .must,
        start: Start = .ready,
        plan: @escaping @Sendable (inout Trial) -> Plan
    ) {
        self.name = name
        self.section = section
        self.level = level
        self.start = start
        self.plan = plan
    }
}

/// What a check can go by: the module as it has introduced itself, and numbers for calls.
struct Trial: Sendable {
    let settings: ConformanceSettings
    /// What the module registered first.
    var manifest = Manifest()
    /// Whether it says that it reads packs.
    var readsPacks = false
    /// Of every process that has been started so far.
    var incarnations: Set<String> = []
    private var lastCallID: UInt64 = 0

    init(settings: ConformanceSettings) {
        self.settings = settings
    }

    /// A number that no call and no ping had before: a late reply is then nobody else's.
    mutating func nextCallID() -> UInt64 {
        self.lastCallID += 1
        return self.lastCallID
    }
}
