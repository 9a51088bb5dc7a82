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
    /// As many calls as there are wait for a module.
    case queueBoundIgnored = "queue_bound_ignored"
    /// A call never waits for room.
    case nobodyWaits = "nobody_waits"
    /// A module that has its hands full altogether is asked all the same.
    case creditsIgnored = "credits_ignored"
    /// However many calls fail, no circuit opens.
    case circuitIgnored = "circuit_ignored"
    /// The first failure opens a circuit.
    case circuitHasty = "circuit_hasty"
    /// An open circuit lets every call through as its trial.
    case trialsWithoutPause = "trials_without_pause"
    /// Calls are made again as often as they fail.
    case retryBudgetIgnored = "retry_budget_ignored"
    /// No call is made again.
    case nothingRetried = "nothing_retried"
    /// Calls are made again that may be made once only.
    case everythingRetried = "everything_retried"
    /// News about the same are told side by side.
    case lanesIgnored = "lanes_ignored"
    /// A module is asked whatever its filter says.
    case filterIgnored = "filter_ignored"
    /// A module is asked for every key.
    case keysIgnored = "keys_ignored"
    /// What is required is decided without its modules.
    case requiredIgnored = "required_ignored"
    /// A dispatcher that has just started decides without those who have not come yet.
    case settlingIgnored = "settling_ignored"
    /// What the operator says of one module's failures is not heard.
    case overridesIgnored = "overrides_ignored"
    /// A module that is taken out is asked all the same.
    case disablingIgnored = "disabling_ignored"
    /// A module that has disabled itself is asked all the same.
    case restIgnored = "rest_ignored"
    /// What is said in shadow counts.
    case shadowApplied = "shadow_applied"
    /// Nobody in shadow is asked.
    case shadowForgotten = "shadow_forgotten"
}
