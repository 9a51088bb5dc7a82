/// A dispatcher that lacks one rule: whoever watches it has to notice.
public enum Mutant: String, CaseIterable, Sendable {
    /// A reply that comes after its step has ended is taken for that of the step that came after it.
    case lateReplyAccepted = "late_reply_accepted"
    /// A reply is taken from whoever sends it.
    case anybodysReplyAccepted = "anybodys_reply_accepted"
    /// A module that works for nobody is not told to stop.
    case noCancel = "no_cancel"
    /// A caller that gives up is not listened to.
    case cancelIgnored = "cancel_ignored"
    /// A module is not told that its scope is over.
    case exitDropped = "exit_dropped"
    /// A module is told twice.
    case exitRepeated = "exit_repeated"
    /// Time goes by unnoticed.
    case deadlineIgnored = "deadline_ignored"
    /// Every module gets the budget that the caller began with.
    case budgetNotPassedOn = "budget_not_passed_on"
    /// A change of the table has the epoch of the table before it.
    case epochKept = "epoch_kept"
    /// Hosts are not told of a new table.
    case tableNotTold = "table_not_told"
    /// The modules stand in another order than the operator's.
    case orderByChance = "order_by_chance"
    /// News go to the first module only.
    case toldToOne = "told_to_one"
    /// A module that forbids is not heard.
    case vetoIgnored = "veto_ignored"
    /// A module is asked once more what it has been asked.
    case askedTwice = "asked_twice"
    /// A call is answered once more than it was made.
    case answeredTwice = "answered_twice"
    /// A failure is taken for no opinion whatever the policy says.
    case failureIgnored = "failure_ignored"
    /// What does not fit the declared type is an answer.
    case anyAnswerAccepted = "any_answer_accepted"
    /// A module that drains is asked all the same.
    case drainIgnored = "drain_ignored"
    /// A module's concurrency is what the dispatcher likes.
    case concurrencyIgnored = "concurrency_ignored"
    /// A connection that is gone stays in the books.
    case lossIgnored = "loss_ignored"
    /// A manifest is taken with half of what it says.
    case manifestHalved = "manifest_halved"
    /// A goodbye is not heard.
    case goodbyeIgnored = "goodbye_ignored"
    /// A call to a module is counted and not taken back when it ends.
    case booksNotDecremented = "books_not_decremented"
}
