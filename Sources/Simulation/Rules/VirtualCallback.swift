import Callbacks
import WireProtocol

/// A callback of the simulated catalogue, told once more in the words of `docs/callbacks.md` for whoever checks the dispatcher.
struct VirtualCallback {
    enum Rule: Equatable {
        case notify
        case firstAnswer(neutral: [JSONValue])
        case exclusive
        case mergeSet(absorbing: JSONValue?)
        case mergeSetsByKey
        case mergeObject
        case amend(stopsAtReplacement: Bool)
        case scoped(leaseMilliseconds: UInt32)
    }

    enum Action: Equatable {
        case goOn
        case stop(JSONValue)
        case fail
    }

    var name: String
    var rule: Rule
    /// The results that modules answer with, each of the declared type.
    var results: [JSONValue]
    /// The type as the catalogue has it.
    var type: String
    var standard = JSONValue.null
    var deadlineMilliseconds: UInt32 = 200
    /// What is not mentioned fails.
    var failure: [FailureKind: Action] = [:]
    var isAtMostOneModule = false

    var target: String { "callback/sim/\(self.name)" }
    var isScoped: Bool { if case .scoped = self.rule { true } else { false } }
    var isAmend: Bool { if case .amend = self.rule { true } else { false } }
    /// Whether the first registrant alone is asked.
    var isForOne: Bool { self.isScoped || self.rule == .exclusive }

    func action(_ kind: FailureKind) -> Action { self.failure[kind] ?? .fail }
}

// MARK: The catalogue

extension VirtualCallback {
    private static let lax: [FailureKind: Action] = Dictionary(
        uniqueKeysWithValues: FailureKind.allCases.map { ($0, .goOn) }
    )

    static let all: [VirtualCallback] = [
        VirtualCallback(
            name: "ask",
            rule: .firstAnswer(neutral: ["allow"]),
            results: ["allow", "deny", "later"],
            type: "{ one_of: [allow, deny, later] }",
            standard: "allow",
            failure: Self.lax
        ),
        VirtualCallback(
            name: "strict",
            rule: .firstAnswer(neutral: [nil]),
            results: [nil, 1, 2],
            type: "number|null",
            deadlineMilliseconds: 90,
            failure: [
                .timeout: .stop(70), .overloaded: .goOn, .error: .stop(71), .noneUp: .stop(72),
                .noneRegistered: .stop(73),
            ]
        ),
        VirtualCallback(name: "tell", rule: .notify, results: [nil], type: "any", failure: Self.lax),
        VirtualCallback(
            name: "warn",
            rule: .notify,
            results: [nil],
            type: "any",
            deadlineMilliseconds: 400,
            failure: [.timeout: .goOn, .noneUp: .goOn]
        ),
        VirtualCallback(name: "price", rule: .exclusive, results: [1, 2.5], type: "number"),
        VirtualCallback(
            name: "single",
            rule: .exclusive,
            results: ["one"],
            type: "string",
            failure: [.lost: .goOn],
            isAtMostOneModule: true
        ),
        VirtualCallback(
            name: "names",
            rule: .mergeSet(absorbing: "ALL"),
            results: [["a"], ["b", "a"], [], ["c", "d"], "ALL"],
            type: "any",
            failure: Self.lax
        ),
        VirtualCallback(
            name: "rooms",
            rule: .mergeSetsByKey,
            results: [["x": ["a"]], ["x": ["b", "a"], "y": []], [:]],
            type: "{ map: array }",
            failure: [.timeout: .goOn, .overloaded: .goOn]
        ),
        VirtualCallback(
            name: "facts",
            rule: .mergeObject,
            results: [["x": 1], ["x": 2, "y": 3], [:]],
            type: "object",
            failure: Self.lax
        ),
        VirtualCallback(
            name: "change",
            rule: .amend(stopsAtReplacement: false),
            results: [true, false, [true, nil], [true, ["v": 1]], [true, ["v": 2]], [false, nil]],
            type: "any",
            failure: Self.lax
        ),
        VirtualCallback(
            name: "change_once",
            rule: .amend(stopsAtReplacement: true),
            results: [true, false, [true, ["v": 1]], [true, ["v": 2]]],
            type: "any",
            failure: [.timeout: .goOn, .error: .stop([false, nil])]
        ),
        VirtualCallback(
            name: "visit",
            rule: .scoped(leaseMilliseconds: 900),
            results: [1, 2],
            type: "number",
            standard: 0,
            failure: [.timeout: .goOn, .noneUp: .goOn, .noneRegistered: .goOn]
        ),
    ]

    /// The catalogue file that says all this.
    static func catalogue() throws(CatalogueError) -> Catalogue {
        let entries = Self.all.map { "      \($0.name): \($0.entry)\n" }.joined()
        return try Catalogue().adding("catalogue: 1\ncategories:\n  sim:\n    callbacks:\n\(entries)", from: "sim.yaml")
    }

    private var entry: String {
        var parts = ["result: \(self.type)", "default: \(self.standard)", "deadline_ms: \(self.deadlineMilliseconds)"]
        switch self.rule {
        case .notify: parts.append("rule: notify")
        case .firstAnswer(let neutral):
            parts.append("rule: first_answer, neutral: [\(neutral.map(\.description).joined(separator: ", "))]")
        case .exclusive: parts.append("rule: exclusive")
        case .mergeSet(let absorbing):
            parts.append("rule: merge, merge: { into: set\(absorbing.map { ", absorbing: \($0)" } ?? "") }")
        case .mergeSetsByKey: parts.append("rule: merge, merge: { into: sets_by_key }")
        case .mergeObject: parts.append("rule: merge, merge: { into: object }")
        case .amend(let stops):
            parts.append("rule: amend, amend: { argument: event, stop_at_replacement: \(stops) }")
        case .scoped(let lease): parts.append("rule: scoped, scoped: { lease_ms: \(lease) }")
        }
        let failure = FailureKind.allCases.compactMap { kind -> String? in
            switch self.failure[kind] {
            case .goOn: "\(kind.rawValue): continue"
            case .stop(let value): "\(kind.rawValue): { stop_with: \(value) }"
            case .fail, nil: nil
            }
        }
        parts.append("failure: { \(failure.joined(separator: ", ")) }")
        if self.isAtMostOneModule { parts.append("constraints: [at_most_one_module]") }
        return "{ \(parts.joined(separator: ", ")) }"
    }
}
