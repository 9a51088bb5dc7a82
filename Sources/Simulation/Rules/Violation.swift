public import MessageBus

/// What must hold at every step of every schedule.
public enum Rule: String, CaseIterable, Sendable {
    /// A chain's result is that of the reference over the modules that answered in time.
    case result
    /// What a module forbade is forbidden.
    case veto
    /// Each call is answered once, and nothing is that was not asked.
    case replyOnce = "reply_once"
    /// Each call ends within its budget, each step within what it was given.
    case inTime = "in_time"
    /// A callback reaches a module at most once per call.
    case atMostOnce = "at_most_once"
    /// Modules are asked one after the other, in the order of the configuration, and only while nothing is decided.
    case order
    /// Everybody who is up is told or asked.
    case everybody
    /// What is left of a budget travels on.
    case budget
    /// Whoever works for nobody is told to stop.
    case cancel
    /// Every scope that was entered is left.
    case scopeExit = "scope_exit"
    /// No scope is left twice, or by another than entered it.
    case scopeOnce = "scope_once"
    /// No registration is duplicated, half there, or there without a connection.
    case registration
    /// The table is what configuration and registrations make it, whoever came first.
    case table
    /// Each change of the table has a new epoch, which hosts are told and calls carry.
    case epoch
    /// Nobody waits for a module that has room, nobody is overtaken, and no more wait than may.
    case waiting
    /// A call is made again at another replica, if it may be, can be, and only then.
    case retry
    /// A module that fails is asked as seldom as its circuit says.
    case circuit
    /// A call reaches no module that it does not concern.
    case filter
    /// A module in shadow is asked and decides nothing.
    case shadow
    /// Nothing is decided without those who have to be there.
    case required
    /// Books and queues hold what is under way and nothing else.
    case books
    /// When all is quiet, everybody is connected and nothing is left over.
    case quiet
    /// The time moves on.
    case progress
}

/// A rule that did not hold.
public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    public var rule: Rule
    public var message: String
    public var time: MonotonicTime

    public var description: String { "\(self.rule.rawValue): \(self.message)" }
}
