import WireProtocol

/// Reads one callback of a catalogue file: first its category's defaults, then its own entry.
struct CallbackReader {
    private static let ownKeys = ["arguments", "summary", "since", "notes", "deprecated", "required", "order_by"]
    private static let sharedKeys = [
        "result", "deprecated_result", "rule", "neutral", "normalise", "default", "deadline_ms", "failure",
        "constraints", "idempotent", "experimental", "merge", "amend", "keyed", "scoped",
    ]
    private static let deadlineRange: ClosedRange<Int64> = 1...Int64(WireLimits.budgetMilliseconds)

    let types: ValueTypeReader
    var declaration: CallbackDeclaration
    private var rule: (name: String, node: CatalogueNode)?
    private(set) var parameters: [String: CatalogueNode] = [:]
    private var hasNeutral = false
    /// What the callback's own entry says about kinds of failure.
    private(set) var ownFailures: [FailureKind: CatalogueNode] = [:]
    private(set) var orderBy: CatalogueNode?

    init(types: [String: ValueType], category: String, name: String) {
        self.types = ValueTypeReader(types: types)
        self.declaration = CallbackDeclaration(category: category, name: name)
    }

    mutating func read(_ node: CatalogueNode, isDefaults: Bool) {
        for (key, value) in node.members() {
            if !isDefaults, Self.ownKeys.contains(key) {
                self.readOwn(key, value)
            } else if Self.sharedKeys.contains(key) {
                self.readShared(key, value, isDefaults: isDefaults)
            } else {
                value.reportUnknown(key, among: Self.sharedKeys + (isDefaults ? [] : Self.ownKeys))
            }
        }
    }

    private mutating func readOwn(_ key: String, _ value: CatalogueNode) {
        switch key {
        case "arguments": self.declaration.arguments = value.members().compactMap(self.argument)
        case "deprecated": self.declaration.deprecation = value.deprecation()
        case "required": self.declaration.isRequired = value.flag() ?? false
        case "order_by":
            self.orderBy = value
            self.declaration.orderBy = (value.text() ?? "").split(separator: ".").map(String.init)
        case "summary": self.declaration.summary = value.text() ?? ""
        case "since": self.declaration.since = value.text() ?? ""
        default: self.declaration.notes = value.text() ?? ""
        }
    }

    private mutating func readShared(_ key: String, _ value: CatalogueNode, isDefaults: Bool) {
        switch key {
        case "result": self.declaration.result = self.types.read(value) ?? .any
        case "deprecated_result": self.declaration.deprecatedResult = self.types.read(value)
        case "idempotent": self.declaration.isIdempotent = value.flag() ?? false
        case "experimental": self.declaration.isExperimental = value.flag() ?? false
        case "rule": self.rule = value.text().map { ($0, value) }
        case "neutral": self.readNeutral(value)
        case "normalise": self.declaration.normalisations = value.elements().compactMap(Self.normalisation)
        case "default": self.declaration.defaultResult = value.json() ?? .null
        case "deadline_ms":
            self.declaration.deadlineMilliseconds = UInt32(value.integer(in: Self.deadlineRange) ?? 1)
        case "failure": self.readFailure(value, isDefaults: isDefaults)
        case "constraints": self.readConstraints(value)
        default: self.parameters[key] = value
        }
    }

    private mutating func readNeutral(_ node: CatalogueNode) {
        self.hasNeutral = true
        switch node.word {
        case "falsy": self.declaration.neutral = .falsy
        case "truthy": self.declaration.neutral = .truthy
        case nil: self.declaration.neutral = .values(node.elements().compactMap { $0.json() })
        default: node.report("expected a list of values, `falsy` or `truthy`")
        }
    }

    private mutating func readFailure(_ node: CatalogueNode, isDefaults: Bool) {
        for (key, value) in node.members() {
            guard let kind = FailureKind(rawValue: key) else {
                value.reportUnknown(key, among: FailureKind.allCases.map(\.rawValue))
                continue
            }
            if !isDefaults { self.ownFailures[kind] = value }
            if let action = Self.action(value) {
                self.declaration.failure[kind] = action
            }
        }
    }

    private static func action(_ node: CatalogueNode) -> FailureAction? {
        switch node.word {
        case "continue": return .continue
        case "fail": return .fail
        default: break
        }
        let members = node.isMapping ? node.members() : []
        guard let (key, value) = members.first, members.count == 1, key == "stop_with", let result = value.json() else {
            node.report("expected `continue`, `fail` or `{ stop_with: VALUE }`")
            return nil
        }
        return .stopWith(result)
    }

    private mutating func readConstraints(_ node: CatalogueNode) {
        for element in node.elements() {
            guard element.text() == "at_most_one_module" else {
                element.report("expected `at_most_one_module`")
                continue
            }
            self.declaration.isAtMostOneModule = true
        }
    }

    private static func normalisation(_ node: CatalogueNode) -> CallbackDeclaration.Normalisation? {
        let members = Dictionary(node.members().map { ($0.key, $0.value) }) { $1 }
        guard members.count == 2, let from = members["from"]?.json(), let to = members["to"]?.json() else {
            node.report("expected `{ from: VALUE, to: VALUE }`")
            return nil
        }
        return .init(from: from, to: to)
    }

    /// The declaration, after a check of what belongs together.
    ///
    /// - Returns: nil after reporting what is missing.
    mutating func finished(at node: CatalogueNode) -> CallbackDeclaration? {
        guard let rule = self.rule else {
            node.report("`rule` is missing: one of \(CombineRule.names.joined(separator: ", "))")
            return nil
        }
        for key in self.parameters.keys where key != rule.name {
            self.parameters[key]?.report("belongs to the rule `\(key)`, and the rule is `\(rule.name)`")
        }
        guard let combined = self.combineRule(rule.name, at: rule.node) else { return nil }
        if combined.hasNeutral, !self.hasNeutral {
            node.report(
                "`neutral` is missing: which results of a \(combined.name) chain leave the decision to the next module?"
            )
        }
        self.declaration.rule = combined
        self.checkRuleAndArguments()
        self.checkRequired()
        return self.declaration
    }

    private func combineRule(_ name: String, at node: CatalogueNode) -> CombineRule? {
        switch name {
        case "first_answer": return .firstAnswer
        case "notify": return .notify
        case "exclusive": return .exclusive
        case "merge": return self.merge(at: node)
        case "amend": return self.amend(at: node)
        case "keyed": return self.keyed(at: node)
        case "scoped": return self.scoped(at: node)
        default:
            let nearest = Spelling.nearest(to: name, among: CombineRule.names).first
            node.report("there is no rule `\(name)`\(nearest.map { "; did you mean `\($0)`?" } ?? "")")
            return nil
        }
    }
}

extension CallbackReader {
    private func merge(at node: CatalogueNode) -> CombineRule? {
        let members = self.parameters(of: "merge", keys: ["into", "absorbing"], at: node)
        guard let into = members["into"]?.text().flatMap(CombineRule.Merge.Into.init) else {
            node.report("merge: expected `into`: one of set, sets_by_key, object")
            return nil
        }
        return .merge(.init(into: into, absorbing: members["absorbing"]?.json()))
    }

    private func amend(at node: CatalogueNode) -> CombineRule? {
        let members = self.parameters(of: "amend", keys: ["argument", "stop_at_replacement"], at: node)
        guard let argument = members["argument"]?.text() else {
            node.report("amend: expected `argument`: the name of the argument that may be replaced")
            return nil
        }
        return .amend(.init(argument: argument, stopsAtReplacement: members["stop_at_replacement"]?.json() == true))
    }

    private func keyed(at node: CatalogueNode) -> CombineRule? {
        let members = self.parameters(of: "keyed", keys: ["argument"], at: node)
        guard let argument = members["argument"]?.text() else {
            node.report("keyed: expected `argument`: the name of the argument that holds the key")
            return nil
        }
        return .keyed(.init(argument: argument))
    }

    private func scoped(at node: CatalogueNode) -> CombineRule? {
        let members = self.parameters(of: "scoped", keys: ["lease_ms"], at: node)
        guard let lease = members["lease_ms"]?.integer(in: 1...86_400_000) else {
            node.report("scoped: expected `lease_ms`: how long a scope stays open when nobody leaves it")
            return nil
        }
        return .scoped(leaseMilliseconds: UInt32(lease))
    }

    private func parameters(of rule: String, keys: [String], at node: CatalogueNode) -> [String: CatalogueNode] {
        guard let parameters = self.parameters[rule] else { return [:] }
        var known: [String: CatalogueNode] = [:]
        for (key, value) in parameters.members() {
            guard keys.contains(key) else {
                value.reportUnknown(key, among: keys)
                continue
            }
            known[key] = value
        }
        return known
    }
}
