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
        /// By what stands under `who`.
        case keyed
    }

    enum Action: Equatable, Sendable {
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
    /// Whether a call may be made again at another replica.
    var isIdempotent = false
    /// Whether news about the same are told in order.
    var isOrdered = false
    /// Whether nothing is decided without its modules.
    var isRequired = false

    var target: String { "callback/sim/\(self.name)" }
    /// By their targets the places in the catalogue.
    static let places = Dictionary(uniqueKeysWithValues: Self.all.enumerated().map { ($0.element.target, $0.offset) })
    var isScoped: Bool { if case .scoped = self.rule { true } else { false } }
    var isKeyed: Bool { self.rule == .keyed }
    var isAmend: Bool { if case .amend = self.rule { true } else { false } }
    /// Whether the first registrant alone is asked.
    var isForOne: Bool { self.isScoped || self.rule == .exclusive }

    /// Whether modules in shadow are asked.
    var isForShadows: Bool { !self.isScoped && self.rule != .keyed }

    /// What failures do: without its modules a required callback fails, unless it stops with a result.
    func failure(isRequired: Bool) -> [FailureKind: Action] {
        guard isRequired else { return self.failure }
        return self.failure.filter { kind, action in
            ![.noneRegistered, .noneUp].contains(kind) || action != .goOn
        }
    }
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
            ],
            isIdempotent: true
        ),
        VirtualCallback(
            name: "tell",
            rule: .notify,
            results: [nil],
            type: "any",
            failure: Self.lax,
            isOrdered: true
        ),
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
            failure: Self.lax,
            isIdempotent: true
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
        VirtualCallback(
            name: "door",
            rule: .keyed,
            results: [nil, 1, 2],
            type: "number|null",
            failure: [.timeout: .goOn, .overloaded: .goOn, .noneUp: .goOn, .noneRegistered: .stop(74)]
        ),
        VirtualCallback(
            name: "needed",
            rule: .firstAnswer(neutral: ["allow"]),
            results: ["allow", "deny"],
            type: "{ one_of: [allow, deny] }",
            standard: "allow",
            failure: Self.lax.filter { ![.noneRegistered, .noneUp].contains($0.key) },
            isRequired: true
        ),
    ]

    /// The catalogue file that says all this, with what a mutant makes of each callback.
    static func catalogue(_ changed: (inout VirtualCallback) -> Void = { _ in }) throws(CatalogueError) -> Catalogue {
        var callbacks = Self.all
        for index in callbacks.indices { changed(&callbacks[index]) }
        let entries = callbacks.map { "      \($0.name): \($0.entry)\n" }.joined()
        return try Catalogue().adding("catalogue: 1\ncategories:\n  sim:\n    callbacks:\n\(entries)", from: "sim.yaml")
    }

    private var entry: String {
        var parts = [
            "arguments: { call: integer, who: { type: any, optional: true }, event: object }",
            "result: \(self.type)", "default: \(self.standard)", "deadline_ms: \(self.deadlineMilliseconds)",
        ]
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
        case .keyed: parts.append("rule: keyed, neutral: [null], keyed: { argument: who }")
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
        if self.isIdempotent { parts.append("idempotent: true") }
        if self.isOrdered { parts.append("order_by: who") }
        if self.isRequired { parts.append("required: true") }
        return "{ \(parts.joined(separator: ", ")) }"
    }
}
