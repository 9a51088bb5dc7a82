internal import MessageBus
internal import WireProtocol

extension ModuleAPI {
    /// Declares that this module cannot do its work without another module or service.
    ///
    /// In the initialiser of the module only. The module is not asked anything until the other is ready, and no longer than it is; operators see it as `waiting`, and for
    /// what. What a module can do without is better called when it is needed, and its absence dealt with.
    ///
    /// - Parameters:
    ///   - module: The other's name in the operator's configuration.
    ///   - methods: What it has to have registered; none when its being there is enough.
    public func require(_ module: String, methods: String...) {
        let claims =
            methods.isEmpty
            ? [RequirementClaim(module: module)] : methods.map { RequirementClaim(module: module, method: $0) }
        self.add { $0.manifest.requires += claims }
    }

    /// Declares how many calls of all kinds together may be in flight to this process.
    ///
    /// In the initialiser of the module only; without it, as many as the platform allows. Further calls wait before the module, or go to another replica.
    ///
    /// - Parameter calls: 1 to 65,535.
    public func limitConcurrency(to calls: Int) {
        precondition((1...65_535).contains(calls), "A module takes 1 to 65,535 calls at a time, not \(calls).")
        self.add { $0.manifest.concurrency = calls }
    }

    /// Takes this process out of all calls, until ``enable()`` is called or an operator enables the module.
    ///
    /// For a module that runs and cannot do its work: what it needs is not there, or what it has is too old. Chains go on as if no replica were up, by their policies:
    /// a module does not take itself out of a decision that needs it. Calls that it has already are answered. It may be called at any time, also in the initialiser.
    ///
    /// - Parameter reason: Shown to operators; cut at 1024 bytes.
    public func disable(because reason: String) {
        self.caller.announce(Readiness(disabledBecause: reason))
    }

    /// Takes calls again after ``disable(because:)``.
    public func enable() {
        self.caller.announce(Readiness())
    }
}
