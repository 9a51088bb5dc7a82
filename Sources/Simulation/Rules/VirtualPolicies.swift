import Callbacks

/// What an operator says that the failures of one module do.
struct VirtualOverride: Sendable {
    /// `sim/name`, `sim/*` or `*`.
    var pattern: String
    var failures: [FailureKind: VirtualCallback.Action]

    /// What the dispatcher is told.
    var policy: PolicyOverride {
        PolicyOverride(
            CallbackPattern(self.pattern),
            failures: self.failures.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, action in
                let action: FailureAction =
                    switch action {
                    case .goOn: .continue
                    case .stop(let value): .stopWith(value)
                    case .fail: .fail
                    }
                return PolicyOverride.Failure(kind: kind.rawValue, action: action, keyPath: "")
            }
        )
    }
}

/// What each failure of each module does to each chain, put together once more from `docs/callbacks.md`: what says more holds.
struct VirtualPolicies {
    /// By module and callback, and of no module after them.
    private var rows: [[FailureKind: VirtualCallback.Action]] = []
    private let moduleCount: Int

    /// - Parameters:
    ///   - overrides: What the operator says of each module.
    ///   - required: The callbacks that are not decided without their modules, by their places in the catalogue.
    init(_ overrides: [[VirtualOverride]], required: Set<Int>) {
        self.moduleCount = overrides.count
        for overrides in overrides + [[]] {
            for (index, callback) in VirtualCallback.all.enumerated() {
                var row = callback.failure(isRequired: required.contains(index))
                for pattern in ["*", "sim/*", "sim/\(callback.name)"] {
                    for override in overrides where override.pattern == pattern {
                        row.merge(override.failures) { $1 }
                    }
                }
                self.rows.append(row)
            }
        }
    }

    /// What a failure does; that of no module has no module.
    func action(_ kind: FailureKind, _ callback: Int, of module: Int?) -> VirtualCallback.Action {
        self.rows[(module ?? self.moduleCount) * VirtualCallback.all.count + callback][kind] ?? .fail
    }
}
