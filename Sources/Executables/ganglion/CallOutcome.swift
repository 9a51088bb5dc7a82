import Foundation
import Supervision

/// What a chain answered.
struct CallOutcome {
    private struct Summary: Decodable {
        struct Step: Decodable {
            let module: String
            let version: String?
            let verdict: String?
            let durationMS: Double?

            enum CodingKeys: String, CodingKey {
                case module
                case version
                case verdict
                case durationMS = "duration_ms"
            }
        }

        let outcome: String
        let decidedBy: String?
        let epoch: UInt64?
        let requestID: String?
        let steps: [Step]?

        enum CodingKeys: String, CodingKey {
            case outcome
            case decidedBy = "decided_by"
            case epoch
            case requestID = "request_id"
            case steps
        }
    }

    private let summary: Summary
    private let object: [String: Any]

    init(json body: Data) throws {
        guard let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any],
            let summary = try? JSONDecoder().decode(Summary.self, from: body)
        else {
            throw CommandFailure.failed("the platform's answer is not understood; is it of the same version?")
        }
        self.object = object
        self.summary = summary
    }

    /// The whole answer, for programs.
    var json: String { Self.pretty(self.object) }

    /// The outcome, the result and the steps, for people.
    var text: String {
        var lines = ["\(self.summary.outcome)\(self.summary.decidedBy.map { ", decided by \($0)" } ?? "")"]
        if let result = self.object["result"], !(result is NSNull) {
            lines.append(Self.pretty(result))
        }
        if let steps = self.summary.steps, !steps.isEmpty {
            lines += ["", Self.table(steps)]
        }
        let epoch = self.summary.epoch.map { "epoch \($0)" }
        let request = self.summary.requestID.map { "request \($0)" }
        let origin = [epoch, request].compactMap(\.self).joined(separator: ", ")
        return (lines + (origin.isEmpty ? [] : ["", origin])).joined(separator: "\n")
    }

    private static func table(_ steps: [Summary.Step]) -> String {
        var table = TextTable(["MODULE", "VERSION", "VERDICT", "MS"])
        for step in steps {
            let time = step.durationMS.map { String(format: "%.1f", $0) } ?? "-"
            table.add([step.module, step.version ?? "-", step.verdict ?? "-", time])
        }
        return table.text
    }

    private static func pretty(_ value: Any) -> String {
        let options: JSONSerialization.WritingOptions = [
            .prettyPrinted, .sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed,
        ]
        let data = try? JSONSerialization.data(withJSONObject: value, options: options)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
    }
}
