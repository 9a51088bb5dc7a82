public import Hummingbird
internal import HummingbirdCore
public import Logging
public import MessageBus
internal import NIOCore

/// Builds the gateway's HTTP side: a function of what it is given, so that tests run the same application over a bus that
/// they play themselves.
public enum GatewayApplication {
    /// Builds an application that is ready to run.
    ///
    /// - Parameters:
    ///   - configuration: bounds and address.
    ///   - token: what opens the admin surface and the calls of hosts.
    ///   - bus: where calls go.
    ///   - cache: the connection to the cache service; `nil` where there is none.
    ///   - tables: what is known about the bus; whoever holds the connection keeps it up to date.
    ///   - executor: where calls are made, best where the bus lives; `nil` for the pool.
    ///   - eventLoopGroup: which threads serve the connections.
    ///   - logger: gets requests at debug, and defects at error.
    /// - Returns: An application that has not been run.
    public static func build(
        _ configuration: GatewayConfiguration,
        token: BearerToken,
        bus: any BusCaller,
        cache: (any BusCaller)? = nil,
        tables: RoutingTables,
        executor: (any TaskExecutor)? = nil,
        eventLoopGroup: EventLoopGroupProvider = .singleton,
        logger: Logger
    ) -> Application<GatewayResponder> {
        func guarded(_ bus: any BusCaller) -> GuardedCaller {
            GuardedCaller(
                bus,
                callsMax: configuration.callsInFlightMax,
                slack: configuration.budgetSlack,
                executor: executor,
                logger: logger
            )
        }
        let caller = guarded(bus)
        let cacheCaller = cache.map(guarded)
        return Application(
            responder: Self.responder(configuration, token, tables, caller, cacheCaller),
            server: HTTPServerBuilder { GatewayChannel(configuration, responder: $0) },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: .maximum(configuration.connectionsMax, logger: logger)
            ),
            services: [caller] + (cacheCaller.map { [$0] } ?? []),
            eventLoopGroupProvider: eventLoopGroup,
            logger: logger
        )
    }

    private static func responder(
        _ configuration: GatewayConfiguration,
        _ token: BearerToken,
        _ tables: RoutingTables,
        _ caller: GuardedCaller,
        _ cacheCaller: GuardedCaller?
    ) -> GatewayResponder {
        let body = AdminBodyReader(timeout: configuration.uploadTimeout)
        let budget = configuration.budget
        return GatewayResponder(
            web: WebResources(configuration: configuration, tables: tables, caller: caller),
            hostCalls: HostCalls(configuration: configuration, caller: caller),
            admin: AdminResources(
                configuration: configuration,
                tables: tables,
                caller: caller,
                updates: UpdateResources(body: body, budget: budget, caller: caller),
                caches: CacheResources(body: body, budget: budget, caller: cacheCaller)
            ),
            probes: Probes(tables: tables),
            token: token
        )
    }
}
