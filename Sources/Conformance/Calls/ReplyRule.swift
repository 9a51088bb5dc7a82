internal import Callbacks
internal import WireProtocol

/// What a module may reply to a call (`docs/wire-protocol.md` §4.2).
enum ReplyRule: Sendable {
    case callback(CallbackDeclaration, AnswerJudge)
    case web
    /// Of a background update: changes.
    case json
    /// What is left of a scope: nothing to say.
    case scopeExit
    /// Something that the module does not have.
    case refusal
    /// Of a method: bytes that only its callers know.
    case anything

    /// Whether a reply is one, and in a word which.
    func judge(_ reply: Envelope) -> Judgement {
        let status = reply.header.flags.status
        if status == .error || status == .overloaded { return self.fault(reply) }
        switch (self, status) {
        case (.anything, _): return .met(status.name)
        case (.refusal, _): return .broken("\(status.name), as if the module had registered it")
        case (.scopeExit, .answer): return .broken("answer; the exit of a scope is replied to with continue")
        case (.web, .continue): return .broken("continue, which a web resource cannot answer")
        case (_, .continue):
            return reply.body.isEmpty ? .met("continue") : .broken("continue with a body of \(reply.body.count) bytes")
        case (.callback(let declaration, let judge), _): return Self.result(reply.body, declaration, judge)
        case (.web, _): return Self.web(reply)
        default: return reply.body.isJSONText ? .met("answer") : .broken("answer with a body that is no JSON")
        }
    }

    private func fault(_ reply: Envelope) -> Judgement {
        do throws(WireError) {
            let fault = try BusFault(decoding: reply.body)
            let isOverload = reply.header.flags.status == .overloaded
            guard !isOverload || fault.code == .overloaded else {
                return .broken("overloaded with the code '\(fault.code.rawValue)'")
            }
            return .met(isOverload ? "overloaded" : "error \(fault.code.rawValue)")
        } catch {
            return .broken("\(reply.header.flags.status.name) with a body that is none: \(error.message)")
        }
    }

    private static func result(
        _ body: Payload,
        _ declaration: CallbackDeclaration,
        _ judge: AnswerJudge
    ) -> Judgement {
        guard judge.judge(body) == .invalid else { return .met("answer") }
        return .broken("answer \(body.text.prefix(120)), and the catalogue declares \(declaration.acceptedResult)")
    }

    private static func web(_ reply: Envelope) -> Judgement {
        do throws(WireError) {
            let metadata = try reply.metadata.map { metadata throws(WireError) in
                try WebResponseMetadata(decoding: metadata)
            }
            return .met("HTTP \((metadata ?? WebResponseMetadata()).status)")
        } catch {
            return .broken("answer with metadata that cannot be read (§5.1): \(error.message)")
        }
    }
}

extension Payload {
    fileprivate var isJSONText: Bool {
        (try? JSONValue(parsing: self)) != nil
    }
}
