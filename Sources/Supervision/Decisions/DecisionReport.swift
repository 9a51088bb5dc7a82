import Foundation

/// How one call of a callback was decided, as the admin surface shows it.
public struct DecisionReport: Sendable, Hashable, Codable {
    /// One module's part in it.
    public struct Step: Sendable, Hashable, Codable {
        public var module: String
        public var version: String?
        public var incarnation: String?
        public var verdict: String
        public var durationMS: Double

        enum CodingKeys: String, CodingKey {
            case module
            case version
            case incarnation
            case verdict
            case durationMS = "duration_ms"
        }
    }

    public var requestID: String
    public var callback: String
    public var outcome: String
    public var decidedBy: String?
    public var epoch: UInt64
    public var ageMS: Int
    public var durationMS: Double
    /// Absent in lists.
    public var steps: [Step]?
    /// How many of the first steps are not known any more.
    public var stepsForgotten: Int?

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case callback
        case outcome
        case decidedBy = "decided_by"
        case epoch
        case ageMS = "age_ms"
        case durationMS = "duration_ms"
        case steps
        case stepsForgotten = "steps_forgotten"
    }

    /// The decision and its steps, for people.
    public var text: String {
        let decider = self.decidedBy.map { ", decided by \($0)" } ?? ""
        var lines = [
            "\(self.callback): \(self.outcome)\(decider)",
            "request \(self.requestID), epoch \(self.epoch), \(Self.time(self.durationMS)) ms, \(self.age) ago",
        ]
        if let forgotten = self.stepsForgotten, forgotten > 0 {
            lines += ["", "the first \(forgotten) steps are not kept any more"]
        }
        if let steps, !steps.isEmpty { lines += ["", Self.table(steps)] }
        return lines.joined(separator: "\n")
    }

    private static func table(_ steps: [Step]) -> String {
        var table = TextTable(["MODULE", "VERSION", "INCARNATION", "VERDICT", "MS"])
        for step in steps {
            let (version, incarnation) = (step.version ?? "", step.incarnation ?? "")
            table.add([
                step.module, version.isEmpty ? "-" : version, incarnation.isEmpty ? "-" : incarnation, step.verdict,
                Self.time(step.durationMS),
            ])
        }
        return table.text
    }

    static func time(_ milliseconds: Double) -> String { String(format: "%.1f", milliseconds) }

    var age: String { Age.text(milliseconds: self.ageMS) }
}

/// The newest calls of callbacks.
public struct DecisionList: Sendable, Hashable, Codable {
    public var kept: Int
    public var decisions: [DecisionReport]

    /// A line for each, the newest first.
    public var text: String {
        guard !self.decisions.isEmpty else { return "no calls of callbacks are kept" }
        var table = TextTable(["REQUEST", "CALLBACK", "OUTCOME", "DECIDED BY", "MS", "AGO"])
        for decision in self.decisions {
            table.add([
                decision.requestID, decision.callback, decision.outcome, decision.decidedBy ?? "-",
                DecisionReport.time(decision.durationMS), decision.age,
            ])
        }
        return table.text
    }
}
