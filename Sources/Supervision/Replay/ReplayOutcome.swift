public import WireProtocol

/// How one call of a replay ended.
public enum ReplayOutcome: Sendable, Hashable {
    /// The chain came to a decision, or found that nobody has one: `answer`, `continue`, `none_registered`, `none_up`.
    case decided(String)
    /// The call failed: a code for counting, and what the gateway said about it.
    case failed(code: String, message: String)

    /// Reads the gateway's answer to a host's call.
    ///
    /// - Parameters:
    ///   - status: the HTTP status.
    ///   - body: the JSON body.
    public init(status: Int, body: Payload) {
        let answer = try? JSONValue(parsing: body)
        if status == 200, let outcome = answer?["outcome"]?.string {
            self = outcome == "failed" ? .failed(code: outcome, message: "the chain failed") : .decided(outcome)
            return
        }
        self = .failed(
            code: answer?["errcode"]?.string ?? "HTTP \(status)",
            message: answer?["error"]?.string ?? "the answer is none of a gateway: \(body.text.prefix(200))"
        )
    }

    /// The word by which it is counted.
    public var name: String {
        switch self {
        case .decided(let outcome): outcome
        case .failed(let code, _): code
        }
    }

    /// Whether the caller got no verdict.
    public var isFailure: Bool {
        guard case .failed = self else { return false }
        return true
    }
}
