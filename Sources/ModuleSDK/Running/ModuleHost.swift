public import Caching
public import Logging
public import MessageBus
internal import Synchronization
public import WireProtocol

/// One module on a bus: builds it from what the dispatcher says, and answers its calls.
///
/// It owns no socket. A runner gives it a real connection, a test kit one in memory.
public final class ModuleHost<Hosted: Module>: BusConnectionDelegate {
    private struct Built {
        let module: Hosted
        let configuration: JSONValue
        var hasStarted = false
    }

    private let moduleID: String
    private let logger: Logger
    private let caller: LateCaller
    private let cache: CacheClient
    private let clock: any Clock<Duration>
    /// Where the cache service is, as the dispatcher says.
    let cacheEndpoints: AsyncStream<String>
    private let cacheEndpointSink: AsyncStream<String>.Continuation
    private let built = Mutex<Built?>(nil)
    /// What a built module answers calls with: apart from the module, because what depends on its type is slower to reach.
    private let service = Mutex<ModuleService?>(nil)

    /// - Parameters:
    ///   - moduleID: The module's name in the operator's configuration.
    ///   - logger: What the module logs to.
    ///   - cache: What the module's cached functions use; whoever runs the module connects it.
    ///   - clock: What the module's own timers run by.
    public init(
        moduleID: String,
        logger: Logger,
        cache: CacheClient = CacheClient(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.cache = cache
        self.clock = clock
        (self.cacheEndpoints, self.cacheEndpointSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.moduleID = moduleID
        self.logger = logger
        self.caller = LateCaller()
    }

    /// Gives the module the means to make calls; once, before the first ``welcomed(_:)``.
    public func connect(_ caller: any BusCaller & ReadinessSink) {
        self.caller.connect(caller)
    }

    public func welcomed(_ welcome: Welcome) async throws -> Manifest {
        if let endpoint = welcome.cacheEndpoint {
            self.cacheEndpointSink.yield(endpoint)
        } else {
            self.cache.noteThatThereIsNoService()
        }
        if let service = self.service(for: welcome.configuration) {
            await service.leaveScopes(because: "the connection to the dispatcher ended")
            return service.manifest
        }
        await self.shutdown()
        return try await self.build(welcome)
    }

    /// The service of a module that was built with the same configuration: a restarted dispatcher is no reason to build it again.
    private func service(for configuration: JSONValue) -> ModuleService? {
        guard self.built.withLock({ $0?.configuration == configuration }) else { return nil }
        return self.service.withLock { $0 }
    }

    private func build(_ welcome: Welcome) async throws -> Manifest {
        // The reason that it had with another configuration need not be one with this.
        self.caller.announce(Readiness())
        let api = ModuleAPI(
            moduleID: self.moduleID,
            logger: self.logger,
            caller: self.caller,
            cache: self.cache,
            clock: self.clock
        )
        let configuration: Hosted.Configuration
        let module: Hosted
        do {
            configuration = try Hosted.parseConfiguration(welcome.configuration)
            module = try await Hosted(configuration: configuration, api: api)
        } catch let error as ConfigurationError {
            throw BusFarewell(error, below: welcome.configurationPath)
        }
        let service = ModuleService(api.closeRegistration(), logger: self.logger)
        // First, so that there is never a module that is built and does not answer.
        self.service.withLock { $0 = service }
        self.built.withLock {
            $0 = Built(module: module, configuration: welcome.configuration)
        }
        return service.manifest
    }

    public func registered(_ registered: Registered) async throws {
        for warning in registered.warnings {
            self.logger.warning(
                "not all was granted",
                metadata: ["code": "\(warning.code)", "item": "\(warning.item)", "reason": "\(warning.message)"]
            )
        }
        let module = self.built.withLock { built -> Hosted? in
            guard built?.hasStarted == false else { return nil }
            built?.hasStarted = true
            return built?.module
        }
        try await module?.start()
        self.logger.info(
            "registered",
            metadata: [
                "epoch": "\(registered.epoch)",
                "routes": "\(registered.routes.count)",
                "callbacks": "\(registered.callbacks.count)",
            ]
        )
    }

    public func refused(_ refusal: Refusal) async {
        for reason in refusal.reasons {
            self.logger.error(
                "refused by the dispatcher",
                metadata: ["code": "\(reason.code)", "item": "\(reason.item)", "reason": "\(reason.message)"]
            )
        }
    }

    public func serve(_ call: InboundCall) async -> BusReply {
        guard let service = self.service.withLock({ $0 }) else {
            return BusReply(fault: BusFault(.noneUp, "the module has not been built", isRetryable: true))
        }
        return await service.serve(call)
    }

    /// Lets the module let go of what it holds.
    public func shutdown() async {
        let built = self.built.withLock { built in
            defer { built = nil }
            return built
        }
        let service = self.service.withLock { $0.take() }
        await service?.leaveScopes(because: "the module is leaving")
        await built?.module.shutdown()
    }
}

extension BusFarewell {
    /// A configuration error, at its place in the operator's file.
    fileprivate init(_ error: ConfigurationError, below root: String) {
        self.init(
            .configuration,
            problems: error.problems.map { problem in
                let separator = root.isEmpty || problem.path.isEmpty || problem.path.hasPrefix("[") ? "" : "."
                return Farewell.Problem(path: root + separator + problem.path, message: problem.message)
            }
        )
    }
}
