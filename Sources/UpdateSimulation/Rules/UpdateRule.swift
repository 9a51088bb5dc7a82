/// What must hold at every step of every schedule.
public enum UpdateRule: String, CaseIterable, Sendable {
    /// Every row is done exactly once, with what it is when it is done, or is reported; the cursor says which.
    case exactlyOnce = "exactly_once"
    /// Nobody commits whose lease another has taken over.
    case fenced
    /// A lease is taken from nobody who keeps it, kept by nobody who rests, and never the same for two.
    case lease
    /// Of those that can run the first does, or the one that was begun.
    case order
    /// What an operator has paused or disabled is not worked.
    case control
    /// A batch takes no more rows than it may, ends in time, and rests follow as the controller said.
    case pace
    /// What has failed is tried again as late as it should be, and set aside when it should be.
    case backoff
    /// Every scope that was entered is left once, with what came of it.
    case scope
    /// The counters say what was committed.
    case books
    /// Nobody comes back at once for nothing, and whoever rests says why.
    case rest
    /// When all is calm, everything ends that can.
    case quiet
}

/// A rule that did not hold.
public struct UpdateViolation: Error, Hashable, Sendable, CustomStringConvertible {
    public var rule: UpdateRule
    public var message: String

    public var description: String { "\(self.rule.rawValue): \(self.message)" }
}
