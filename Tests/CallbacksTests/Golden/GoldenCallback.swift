import Testing
import WireProtocol

/// What a callback of the original does, written down from its behaviour and not from the catalogue: a mistake in the one shows in
/// the other.
struct GoldenCallback: Sendable, CustomTestStringConvertible {
    /// How the answers of several modules combine.
    enum Combine: Sendable {
        /// Asked in order until one decides; a module that accepts leaves the decision to the next.
        case firstDecision(accepting: [String], deciding: KeyValuePairs<String, String>)
        /// The same among those who registered the key.
        case firstDecisionByKey(accepting: [String], deciding: KeyValuePairs<String, String>)
        /// All are told, and what they answer is ignored.
        case all
        /// The first registrant only; the registrations of others are refused where there may be one at most.
        case firstModule(answer: String, others: Others)
        /// The first registrant only, which is entered and left.
        case firstModuleScoped(answer: String)
        /// All are asked, and the results are united.
        case union(of: String, and: String, is: String)
        /// Each may veto or replace the argument for the next.
        case chainOfReplacements(of: String)

        enum Others: Sendable {
            case ignored
            case refused
        }
    }

    /// What becomes of a chain in which a module fails.
    enum Effect: Sendable {
        /// The request fails with it.
        case fails
        /// It is logged, and the next module is asked.
        case skipped
        /// It decides, with this result.
        case decides(String)
    }

    let path: String
    let since: String
    /// In the order in which the original passes them, each with a value that is one.
    let arguments: KeyValuePairs<String, String>
    let combine: Combine
    /// What the original does when a module raises an error.
    let raising: Effect
    /// Answers that the original does not take, and what it makes of them.
    let wrong: (answers: [String], effect: Effect)
    /// The result when nobody has an opinion.
    let otherwise: String

    init(
        _ path: String,
        since: String,
        _ arguments: KeyValuePairs<String, String>,
        _ combine: Combine,
        raising: Effect,
        wrong: [String] = [],
        is effect: Effect = .skipped,
        otherwise: String = "null"
    ) {
        self.path = path
        self.since = since
        self.arguments = arguments
        self.combine = combine
        self.raising = raising
        self.wrong = (wrong, effect)
        self.otherwise = otherwise
    }

    var testDescription: String { self.path }
    var target: String { "callback/\(self.path)" }

    /// The arguments as a call has them.
    var body: Payload {
        Payload("{\(self.arguments.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}")
    }

    var isKeyed: Bool {
        if case .firstDecisionByKey = self.combine { true } else { false }
    }

    var isScoped: Bool {
        if case .firstModuleScoped = self.combine { true } else { false }
    }

    /// Whether everybody is told at once.
    var isForAll: Bool {
        if case .all = self.combine { true } else { false }
    }

    /// Whether no other module is asked after the first, whatever it does.
    var isForOne: Bool {
        switch self.combine {
        case .firstModule, .firstModuleScoped: true
        default: false
        }
    }

    /// Whether a second module cannot even register.
    var isAtMostOneModule: Bool {
        if case .firstModule(_, .refused) = self.combine { true } else { false }
    }

    /// All callbacks of the original.
    static let every =
        Self.spamChecker + Self.thirdPartyRules + Self.accountValidity + Self.passwordAuthProvider + Self.presenceRouter
        + Self.backgroundUpdateController + Self.mediaRepository + Self.others
}
