public import WireProtocol

/// How one check ended.
public struct CheckResult: Hashable, Sendable {
    /// The verdict on a rule.
    public enum Verdict: Hashable, Sendable {
        case passed
        /// A rule that a module MUST keep is broken.
        case failed(Breach)
        /// A rule that a module SHOULD keep is broken.
        case warned(Breach)
        /// The check was not made, for this reason.
        case skipped(String)
    }

    /// What was expected, and what came in its place.
    public struct Breach: Hashable, Sendable {
        public var expected: String
        public var came: String
        /// The last lines that the module wrote.
        public var log: [String]
    }

    public var name: String
    /// The section of `docs/wire-protocol.md` that has the rule, such as `§7`.
    public var section: String
    public var verdict: Verdict
    /// What else there is to say.
    public var notes: [String]
    public var duration: Duration
}

extension CheckResult {
    /// The verdict in one word.
    public var word: String {
        switch self.verdict {
        case .passed: "pass"
        case .failed: "fail"
        case .warned: "warn"
        case .skipped: "skip"
        }
    }

    /// What was broken, if something was.
    public var breach: Breach? {
        switch self.verdict {
        case .failed(let breach), .warned(let breach): breach
        case .passed, .skipped: nil
        }
    }

    /// For a person: a line, and what was expected and came where a rule was broken.
    public var text: String {
        let milliseconds = Int((self.duration / .milliseconds(1)).rounded())
        var lines: [String] = []
        switch self.verdict {
        case .skipped(let reason): lines.append("skip  \(self.name): \(reason)")
        case .passed:
            let notes = self.notes.isEmpty ? "" : ": \(self.notes.joined(separator: ", "))"
            lines.append("pass  \(self.name)\(notes) (\(milliseconds) ms)")
        case .failed(let breach), .warned(let breach):
            lines.append("\(self.word == "fail" ? "FAIL" : "warn")  \(self.name) (\(milliseconds) ms)")
            lines.append("      expected: \(breach.expected) (docs/wire-protocol.md \(self.section))")
            lines.append("      came:     \(breach.came)")
            lines += breach.log.isEmpty ? [] : ["      the module wrote last:"] + breach.log.map { "        \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    /// For a program.
    public var json: JSONValue {
        var object: JSONObject = [
            "check": .string(self.name), "verdict": .string(self.word), "section": .string(self.section),
            "duration_ms": .integer(Int64((self.duration / .milliseconds(1)).rounded())),
        ]
        if !self.notes.isEmpty { object["notes"] = .array(self.notes.map(JSONValue.string)) }
        if case .skipped(let reason) = self.verdict { object["reason"] = .string(reason) }
        if let breach = self.breach {
            object["expected"] = .string(breach.expected)
            object["came"] = .string(breach.came)
            object["log"] = .array(breach.log.map(JSONValue.string))
        }
        return .object(object)
    }
}
