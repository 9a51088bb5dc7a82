public import Callbacks
public import ServiceRuntime
internal import WireProtocol

extension DispatcherConfiguration {
    /// What a dispatcher decides by, from the operator's file.
    ///
    /// - Parameters:
    ///   - platform: The file.
    ///   - incarnation: The dispatcher's own, new at every start.
    /// - Throws: ``ConfigurationError`` with everything that is wrong with what the file says about callbacks.
    public init(_ platform: PlatformConfiguration, incarnation: String) throws {
        let catalogue = try platform.catalogue()
        let problems = platform.callbackProblems(in: catalogue)
        guard problems.isEmpty else { throw ConfigurationError(.invalid, problems: problems) }
        let services = PlatformConfiguration.peerServices.map { Module.service($0) }
        self.init(
            modules: try platform.modules.map(Self.module) + services,
            catalogue: catalogue.overridden(by: platform.callbacks.overrides.compactMap { PolicyOverride($0) }),
            reservedPrefixes: platform.gateway.reserved,
            incarnation: incarnation
        )
        self.cacheEndpoint = platform.cache.isConfigured ? platform.cache.connect : nil
        self.heartbeatMilliseconds = Self.milliseconds(platform.bus.heartbeat)
        self.bodySizeMax = platform.bus.bodyBytesMax
        self.queueMax = platform.callbacks.queue
        self.retryPercent = platform.callbacks.retryPercent
        self.circuitFailures = platform.callbacks.circuitFailures
        self.settleMilliseconds = Self.milliseconds(platform.callbacks.settle)
        self.budgetMillisecondsMax = Self.milliseconds(platform.callbacks.budget)
        self.decisionsMax = platform.callbacks.explainedCalls
    }

    private static func module(_ module: PlatformConfiguration.Module) throws -> Module {
        var configuration = Module(
            id: module.id,
            configuration: try JSONValue(parsing: Payload(module.config)),
            configurationPath: module.configKeyPath,
            allowedRoutes: module.allow.routes,
            allowedCallbacks: module.allow.callbacks
        )
        configuration.isEnabled = module.isEnabled
        configuration.isShadow = module.isShadow
        configuration.overrides = module.failures.compactMap { PolicyOverride($0) }
        return configuration
    }

    private static func milliseconds(_ duration: Duration) -> UInt32 {
        UInt32(clamping: Int64(duration / .milliseconds(1)))
    }
}
