/// What each kind of failure of each module does to each callback's chain, resolved when the dispatcher starts.
///
/// Most modules have what the callback has, so the policies are kept once and rows refer to them.
struct FailureTable: Sendable {
    private var policies: [FailurePolicy] = []
    private var rows: [UInt32] = []
    private let callbackCount: Int

    init(_ configuration: DispatcherConfiguration) {
        let callbacks = configuration.catalogue.callbacks
        self.callbackCount = callbacks.count
        self.rows.reserveCapacity(configuration.modules.count * callbacks.count)
        var places: [FailurePolicy: UInt32] = [:]
        for module in configuration.modules {
            let overrides = module.overrides.sorted { $0.pattern.weight < $1.pattern.weight }
            for callback in callbacks {
                let policy = overrides.filter { $0.pattern.matches(callback) }
                    .reduce(callback.effectiveFailure) { $0.overlaid(by: $1.policy) }
                self.rows.append(self.place(of: policy, in: &places))
            }
        }
    }

    private mutating func place(of policy: FailurePolicy, in places: inout [FailurePolicy: UInt32]) -> UInt32 {
        if let place = places[policy] { return place }
        let place = UInt32(self.policies.count)
        self.policies.append(policy)
        places[policy] = place
        return place
    }

    subscript(module: Int, callback: Int) -> FailurePolicy {
        self.policies[Int(self.rows[module * self.callbackCount + callback])]
    }
}
