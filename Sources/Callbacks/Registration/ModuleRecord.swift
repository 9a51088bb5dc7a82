import MessageBus
import WireProtocol

/// What the dispatcher knows of one configured module.
struct ModuleRecord {
    /// The places of its replicas among the peers.
    var replicas: [Int] = []
    /// What its replicas registered, or the last of them did before it went.
    var known: Manifest? {
        didSet {
            self.claims = nil
            self.rivalry = nil
        }
    }
    /// That made ready for the table; nil until somebody needs it.
    var claims: ModuleClaims?
    /// What of it another module could contest; nil until somebody needs it.
    var rivalry: RivalCheck?
    /// Whether all its replicas that stay have disabled themselves, or had when the last of them went.
    var hasDisabledItself = false
    /// Why there is no replica.
    var absence = ModuleState.configured
    /// Why it was refused, or what it said when it went; kept until it registers.
    var reasons: [Remark] = []
    var version = ""
    /// The incarnation that the version and the reasons are of.
    var incarnation = ""
    /// The incarnations whose calls its circuits count.
    var judged: [String] = []
    /// Since when they do: what was asked before was asked of other processes.
    var judgedSince = MonotonicTime(nanoseconds: 0)
    /// Whether its replicas registered different things, as they do while one version replaces another.
    var isMixed = false
    /// Where the search for a replica begins, so that equals take turns.
    var turn = 0
    /// The calls for which no replica has room.
    var line = WaitingLine()
    /// Replies that came after their call had ended.
    var lateReplies = 0
}
