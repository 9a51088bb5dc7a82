import WireProtocol

// MARK: Arguments, and what refers to them

extension CallbackReader {
    /// An argument: its type, or `{ type: TYPE, optional: true, since: VERSION }`.
    func argument(_ name: String, _ node: CatalogueNode) -> CallbackDeclaration.Argument? {
        guard node.isMapping, node.hasMember("type") else {
            return self.types.read(node).map { .init(name: name, type: $0) }
        }
        var argument = CallbackDeclaration.Argument(name: name, type: .any)
        for (key, value) in node.members() {
            switch key {
            case "type": argument.type = self.types.read(value) ?? .any
            case "optional": argument.isOptional = value.flag() ?? false
            case "since": argument.since = value.text() ?? ""
            default: value.reportUnknown(key, among: ["type", "optional", "since"])
            }
        }
        return argument
    }

    /// Reports a rule that leans on an argument that is not declared.
    ///
    /// A callback without declared arguments is taken to have them all: declaring them is for people and tools.
    func checkRuleAndArguments() {
        let names = self.declaration.arguments.map(\.name)
        switch self.declaration.rule {
        case .amend(let rule): self.checkArgument(rule.argument, of: "amend", among: names)
        case .keyed(let rule): self.checkArgument(rule.argument, of: "keyed", among: names)
        default: break
        }
        guard let orderBy else { return }
        guard self.declaration.rule == .notify else {
            return orderBy.report("is for the rule `notify`, and the rule is `\(self.declaration.rule.name)`")
        }
        if let first = self.declaration.orderBy.first, names.contains(first) { return }
        let nearest = self.declaration.orderBy.first.flatMap { Spelling.nearest(to: $0, among: names).first }
        let hint = nearest.map { "; did you mean `\($0)`?" } ?? ""
        orderBy.report("begins with the name of an argument, and there is no such argument\(hint)")
    }

    private func checkArgument(_ name: String, of rule: String, among names: [String]) {
        guard !names.isEmpty, !names.contains(name), let node = self.parameters[rule] else { return }
        let nearest = Spelling.nearest(to: name, among: names).first.map { "; did you mean `\($0)`?" } ?? ""
        node.report("there is no argument `\(name)`\(nearest)")
    }

    /// A required callback fails while nobody is there (``CallbackDeclaration/effectiveFailure``); an entry of its own that says otherwise is a mistake.
    func checkRequired() {
        guard self.declaration.isRequired else { return }
        for kind in [FailureKind.noneRegistered, .noneUp] where self.declaration.failure[kind] == .continue {
            self.ownFailures[kind]?.report("the callback is `required`, so that this cannot be `continue`")
        }
    }
}

extension CatalogueNode {
    /// `true` or `false`; reports anything else.
    func flag() -> Bool? {
        guard let value = self.json()?.bool else {
            self.report("expected `true` or `false`")
            return nil
        }
        return value
    }

    /// `{ since: VERSION, use: NAME }`, where `use` may be missing.
    func deprecation() -> CallbackDeclaration.Deprecation? {
        var deprecation = CallbackDeclaration.Deprecation(since: "")
        for (key, value) in self.members() {
            switch key {
            case "since": deprecation.since = value.text() ?? ""
            case "use": deprecation.use = value.text() ?? ""
            default: value.reportUnknown(key, among: ["since", "use"])
            }
        }
        guard !deprecation.since.isEmpty else {
            self.report("expected `since`: the version in which it became deprecated")
            return nil
        }
        return deprecation
    }
}
