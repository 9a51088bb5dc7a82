/// What is wrong with a module, by the argument it is started with.
enum Misbehaviour: String, CaseIterable, Sendable {
    case none
    /// It takes its time before it registers.
    case slowStart = "slow-start"
    /// It takes longer for an answer than anybody waits.
    case slowAnswer = "slow-answer"
    /// It answers what may not be answered.
    case wrongAnswer = "wrong-answer"
    case neverAnswers = "never-answers"
    /// Once it is asked, it sends what nobody understands, as much as is taken.
    case floods
    case diesInCall = "dies-in-call"
    /// It dies when it is told to stop.
    case diesInDrain = "dies-in-drain"
    /// It says hello under the name that comes next on the command line.
    case liesAboutItsID = "lies-about-its-id"
}
