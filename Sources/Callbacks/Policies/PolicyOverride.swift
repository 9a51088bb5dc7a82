/// What an operator says about some callbacks in place of the catalogue.
public struct PolicyOverride: Hashable, Sendable {
    /// What one kind of failure is to do.
    public struct Failure: Hashable, Sendable {
        /// A ``FailureKind`` as the operator wrote it.
        public var kind: String
        public var action: FailureAction
        /// Where it stands in the operator's file.
        public var keyPath: String

        public init(kind: String, action: FailureAction, keyPath: String) {
            self.kind = kind
            self.action = action
            self.keyPath = keyPath
        }
    }

    public var pattern: CallbackPattern
    public var failures: [Failure]
    /// How long one module may take, in milliseconds; nil for what the catalogue says.
    public var deadlineMilliseconds: UInt32?
    /// Whether nothing is decided without the modules; nil for what the catalogue says.
    public var isRequired: Bool?
    /// The modules without which nothing is decided.
    public var requiredModules: [String] = []
    /// Whether neighbours that are pure are asked at once; nil for what holds without an override.
    public var isParallel: Bool?
    /// Where it stands in the operator's file.
    public var keyPath: String

    public init(_ pattern: CallbackPattern, failures: [Failure] = [], keyPath: String = "") {
        self.pattern = pattern
        self.failures = failures
        self.keyPath = keyPath
    }

    /// What is stated about each kind; unknown kinds are left out.
    var policy: FailurePolicy {
        var policy = FailurePolicy()
        for failure in self.failures {
            if let kind = FailureKind(rawValue: failure.kind) { policy[kind] = failure.action }
        }
        return policy
    }
}

/// Something that is wrong with an operator's override.
public struct PolicyProblem: Hashable, Sendable {
    /// Where it stands in the operator's file.
    public var keyPath: String
    public var message: String
}

extension PolicyOverride {
    /// Everything that is wrong with an override.
    ///
    /// - Parameters:
    ///   - catalogue: What the override is about.
    ///   - modules: The names of the configured modules.
    /// - Returns: None when the override can be used.
    public func problems(in catalogue: Catalogue, modules: [String]) -> [PolicyProblem] {
        let callbacks = catalogue.callbacks.filter(self.pattern.matches)
        guard !callbacks.isEmpty else {
            let nearest = catalogue.suggestions(for: self.pattern.text).map { "`\($0)`" }.joined(separator: ", ")
            let hint = nearest.isEmpty ? "; write category/callback, category/* or *" : "; did you mean \(nearest)?"
            return [.init(keyPath: self.keyPath, message: "no callback is called `\(self.pattern.text)`\(hint)")]
        }
        return self.failures.flatMap { Self.problems($0, callbacks) } + self.unknownModules(modules)
    }

    private static func problems(_ failure: Failure, _ callbacks: [CallbackDeclaration]) -> [PolicyProblem] {
        guard FailureKind(rawValue: failure.kind) != nil else {
            let kinds = FailureKind.allCases.map(\.rawValue)
            let nearest = Spelling.nearest(to: failure.kind, among: kinds).first.map { "did you mean `\($0)`?" }
            let hint = nearest ?? "known here: \(kinds.joined(separator: ", "))"
            return [.init(keyPath: failure.keyPath, message: "`\(failure.kind)` is no kind of failure; \(hint)")]
        }
        guard case .stopWith(let value) = failure.action else { return [] }
        return callbacks.filter { !$0.result.accepts(value) && value != $0.defaultResult }.prefix(1).map { callback in
            let message = "\(value) is not a result of \(callback.path), which is \(callback.result)"
            return .init(keyPath: failure.keyPath, message: message)
        }
    }

    private func unknownModules(_ modules: [String]) -> [PolicyProblem] {
        self.requiredModules.filter { !modules.contains($0) }.map { name in
            let nearest = Spelling.nearest(to: name, among: modules).first.map { "; did you mean `\($0)`?" } ?? ""
            return .init(keyPath: "\(self.keyPath).required", message: "`\(name)` is not under `modules`\(nearest)")
        }
    }
}

extension Catalogue {
    /// The catalogue with an operator's overrides in it: where several match, the one that says more holds.
    public func overridden(by overrides: [PolicyOverride]) -> Self {
        var catalogue = self
        for override in overrides.sorted(by: { $0.pattern.weight < $1.pattern.weight }) {
            for index in self.callbacks.indices where override.pattern.matches(self.callbacks[index]) {
                catalogue.change(index) { $0.apply(override) }
            }
        }
        return catalogue
    }
}

extension CallbackDeclaration {
    fileprivate mutating func apply(_ override: PolicyOverride) {
        self.failure = self.failure.overlaid(by: override.policy)
        self.deadlineMilliseconds = override.deadlineMilliseconds ?? self.deadlineMilliseconds
        self.isParallel = override.isParallel ?? self.isParallel
        if let isRequired = override.isRequired {
            self.isRequired = isRequired
            self.requiredModules = override.requiredModules
        }
    }
}
