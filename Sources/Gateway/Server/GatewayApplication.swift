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
    ///   - tables: what is known about the bus; whoever holds the connection keeps it up to date.
    ///   - executor: where calls are made, best where the bus lives; `nil` for the pool.
    ///   - eventLoopGroup: which threads serve the connections.
    ///   - logger: gets requests at debug, and defects at error.
    /// - Returns: An application that has not been run.
    public static func build(
        _ configuration: GatewayConfiguration,
        token: BearerToken,
        bus: any BusCaller,
        tables: RoutingTables,
        executor: (any TaskExecutor)? = nil,
        eventLoopGroup: EventLoopGroupProvider = .singleton,
        logger: Logger
    ) -> Application<GatewayResponder> {
        let caller = GuardedCaller(
            bus,
            callsMax: configuration.callsInFlightMax,
            slack: configuration.budgetSlack,
            executor: executor,
            logger: logger
        )
        return Application(
            responder: Self.responder(configuration, token, tables, caller),
            server: HTTPServerBuilder { GatewayChannel(configuration, responder: $0) },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: .maximum(configuration.connectionsMax, logger: logger)
            ),
            services: [caller],
            eventLoopGroupProvider: eventLoopGroup,
            logger: logger
        )
    }

    private static func responder(
        _ configuration: GatewayConfiguration,
        _ token: BearerToken,
        _ tables: RoutingTables,
        _ caller: GuardedCaller
    ) -> GatewayResponder {
        GatewayResponder(
            web: WebResources(configuration: configuration, tables: tables, caller: caller),
            hostCalls: HostCalls(configuration: configuration, caller: caller),
            admin: AdminResources(configuration: configuration, tables: tables, caller: caller),
            probes: Probes(tables: tables),
            token: token
        )
    }
}
