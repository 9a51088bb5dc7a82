package import WireProtocol

/// Decides what a module's answer to a callback is worth.
///
/// Nearly all answers are one of a few values that the catalogue names, so these are compared as bytes and only the rest is parsed.
package final class AnswerJudge: Sendable {
    package enum Verdict: Equatable, Sendable {
        /// No decision: the next module is asked.
        case neutral
        /// What was said is the result of the chain.
        ///
        /// Not with the bytes, which whoever asks has: an answer that nobody else holds is sent on as it came.
        case asSaid
        /// What is meant by what was said, and is the result of the chain.
        case normalised(Payload)
        /// Not what the catalogue declares.
        case invalid

        /// The result of the chain, of what was said; nil if it has none.
        @inline(__always)
        func result(of said: Payload) -> Payload? {
            switch self {
            case .asSaid: said
            case .normalised(let meant): meant
            case .neutral, .invalid: nil
            }
        }
    }

    private let declaration: CallbackDeclaration
    private let accepted: ValueType
    /// Every answer that is JSON is a result, so none need be read.
    private let acceptsAll: Bool
    /// What is said to news is no result, whatever it is.
    private let ignoresAll: Bool
    private let known: [(bytes: [UInt8], verdict: Verdict)]

    package init(_ declaration: CallbackDeclaration) {
        self.declaration = declaration
        let accepted = declaration.acceptedResult
        self.accepted = accepted
        self.ignoresAll = declaration.rule == .notify
        let mayBeNeutral = declaration.rule.hasNeutral
        self.acceptsAll = accepted == .any && declaration.normalisations.isEmpty && !mayBeNeutral
        let values: [JSONValue] =
            switch declaration.neutral {
            case .values(let values): values
            case .falsy: [.bool(false), .null]
            case .truthy: [.bool(true)]
            }
        let candidates = values + declaration.normalisations.map(\.from)
        self.known = candidates.map { ($0.encoded().bytes, Self.verdict($0, declaration, accepted)) }
    }

    package func judge(_ body: Payload) -> Verdict {
        guard !self.ignoresAll else { return .neutral }
        if let verdict = self.knownVerdict(body) {
            return verdict
        }
        if self.acceptsAll {
            return body.isJSON ? .asSaid : .invalid
        }
        guard let value = try? JSONValue(parsing: body) else { return .invalid }
        return Self.verdict(value, self.declaration, self.accepted)
    }

    private func knownVerdict(_ body: Payload) -> Verdict? {
        body.withUnsafeBytes { bytes in
            for (known, verdict) in self.known where known.count == bytes.count && bytes.elementsEqual(known) {
                return verdict
            }
            return nil
        }
    }

    private static func verdict(
        _ value: JSONValue,
        _ declaration: CallbackDeclaration,
        _ accepted: ValueType
    ) -> Verdict {
        guard accepted.accepts(value) || Self.isNeutral(value, declaration) else { return .invalid }
        let normalised = declaration.normalisations.first { $0.from == value }?.to
        if Self.isNeutral(normalised ?? value, declaration) {
            return .neutral
        }
        return normalised.map { .normalised($0.encoded()) } ?? .asSaid
    }

    private static func isNeutral(_ value: JSONValue, _ declaration: CallbackDeclaration) -> Bool {
        guard declaration.rule.hasNeutral else { return false }
        return declaration.neutral.contains(value)
    }
}
