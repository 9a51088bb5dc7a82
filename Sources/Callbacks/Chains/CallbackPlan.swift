import WireProtocol

/// A callback of the catalogue, made ready for its calls.
///
/// An object, because a call looks at it several times and a copy of the declaration would be counted in and out each time.
final class CallbackPlan: Sendable {
    let declaration: CallbackDeclaration
    let judge: AnswerJudge
    let defaultBody: Payload
    let isNotify: Bool
    let isExclusive: Bool
    let isScoped: Bool
    /// The argument that holds the key; nil for callbacks without keys.
    let keyArgument: String?
    /// Whether a call has to be looked into before it is known whom to ask.
    var isKeyed: Bool { self.keyArgument != nil }
    /// Whether the answers of several modules make the result.
    let addsUp: Bool
    /// How long a scope stays open when nobody leaves it; 0 for callbacks without scopes.
    let leaseMilliseconds: UInt32
    let deadlineMilliseconds: UInt32
    /// Whether a call may be made again at another replica.
    let isIdempotent: Bool
    /// Where the value stands by which news is told in order; empty for no order.
    let orderBy: [String]
    /// What a failure does that is of no module.
    let failure: FailurePolicy

    init(_ declaration: CallbackDeclaration) {
        self.declaration = declaration
        self.judge = AnswerJudge(declaration)
        self.defaultBody = declaration.defaultResult.encoded()
        self.isNotify = declaration.rule == .notify
        self.isExclusive = declaration.rule == .exclusive
        self.keyArgument = if case .keyed(let rule) = declaration.rule { rule.argument } else { nil }
        if case .scoped(let lease) = declaration.rule {
            self.isScoped = true
            self.leaseMilliseconds = lease
        } else {
            self.isScoped = false
            self.leaseMilliseconds = 0
        }
        self.addsUp =
            switch declaration.rule {
            case .amend, .merge: true
            default: false
            }
        self.deadlineMilliseconds = declaration.deadlineMilliseconds
        self.failure = declaration.effectiveFailure
        self.isIdempotent = declaration.isIdempotent && !self.isScoped
        self.orderBy = self.isNotify ? declaration.orderBy : []
    }
}
