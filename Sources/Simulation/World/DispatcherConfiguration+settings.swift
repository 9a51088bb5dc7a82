import Callbacks

extension DispatcherConfiguration {
    private static let simulated = Result { try VirtualCallback.catalogue() }

    /// What the real dispatcher is told that its operator has decided, and what a mutant makes of it.
    init(_ settings: Settings, _ terms: Terms, mutant: Mutant? = nil) throws {
        var catalogue =
            try mutant.map { mutant in try VirtualCallback.catalogue(mutant.change) } ?? Self.simulated.get()
        if settings.requiresFirst, mutant != .requiredIgnored {
            var override = PolicyOverride(CallbackPattern("sim/names"))
            override.isRequired = true
            override.requiredModules = [terms.modules[0]]
            catalogue = catalogue.overridden(by: [override])
        }
        var modules = terms.modules.map { Module(id: $0) }
        for index in modules.indices {
            modules[index].overrides = settings.overrides[index].map(\.policy)
            modules[index].isShadow = settings.shadow == index
        }
        self.init(modules: modules, catalogue: catalogue, reservedPrefixes: [], incarnation: "")
        self.heartbeatMilliseconds = settings.heartbeat
        self.inFlightMax = settings.inFlightMax
        self.queueMax = settings.queueMax
        self.circuitFailures = settings.circuitFailures
        self.circuitPause = terms.circuit.pause
        self.retryPercent = settings.retryPercent
        self.settleMilliseconds = settings.settle
        mutant?.change(&self)
    }
}
