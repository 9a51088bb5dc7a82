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
    let deadlineMilliseconds: UInt32

    init(_ declaration: CallbackDeclaration) {
        self.declaration = declaration
        self.judge = AnswerJudge(declaration)
        self.defaultBody = declaration.defaultResult.encoded()
        self.isNotify = declaration.rule == .notify
        self.isExclusive = declaration.rule == .exclusive
        self.deadlineMilliseconds = declaration.deadlineMilliseconds
    }
}
