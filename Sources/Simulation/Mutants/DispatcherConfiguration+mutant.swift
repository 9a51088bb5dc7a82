import Callbacks

/// Some rules are taken away by what a dispatcher believes that its operator has decided.
extension Mutant {
    /// What it makes of a configuration.
    func change(_ configuration: inout DispatcherConfiguration) {
        switch self {
        case .orderByChance: configuration.modules.reverse()
        case .queueBoundIgnored: configuration.queueMax = 1024
        case .nobodyWaits: configuration.queueMax = 0
        case .circuitIgnored: configuration.circuitFailures = 0
        case .circuitHasty: configuration.circuitFailures = min(configuration.circuitFailures, 1)
        case .trialsWithoutPause: configuration.circuitPause = .zero
        case .retryBudgetIgnored: configuration.retryPercent = 100
        case .nothingRetried: configuration.retryPercent = 0
        case .settlingIgnored: configuration.settleMilliseconds = 0
        case .overridesIgnored:
            for index in configuration.modules.indices { configuration.modules[index].overrides = [] }
        case .shadowApplied:
            for index in configuration.modules.indices { configuration.modules[index].isShadow = false }
        default: break
        }
    }

    /// What it makes of a callback of the catalogue.
    func change(_ callback: inout VirtualCallback) {
        switch self {
        case .everythingRetried: callback.isIdempotent = true
        case .lanesIgnored: callback.isOrdered = false
        case .requiredIgnored where callback.isRequired:
            callback.isRequired = false
            callback.failure[.noneUp] = .goOn
            callback.failure[.noneRegistered] = .goOn
        default: break
        }
    }
}
