import Gateway
import Logging
import MessageBus
import ServiceLifecycle
import ServiceRuntime
import ZeroMQ

extension GatewayCommand {
    /// The services of the process, in the order in which they start; they stop in the opposite one.
    static func services(
        _ platform: PlatformConfiguration,
        loop: PollLoop,
        logger: Logger
    ) throws -> [any Service] {
        let tables = RoutingTables(reservedPaths: platform.gateway.reserved)
        let bus = BusConnection(
            configuration: .gateway(
                endpoint: platform.bus.connect,
                heartbeat: platform.bus.heartbeat,
                bodySizeMax: platform.bus.bodyBytesMax
            ),
            loop: loop,
            context: try Context(),
            delegate: GatewayBusDelegate(tables, logger: logger),
            logger: logger
        )
        let gateway = GatewayService(
            Self.gatewayConfiguration(platform),
            token: BearerToken(try AdminToken.loadOrCreate(platform.gateway.adminTokenFile).text),
            bus: bus,
            tables: tables,
            loop: loop,
            logger: logger
        )
        return [bus, gateway]
    }

    private static func gatewayConfiguration(_ platform: PlatformConfiguration) -> GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.host = platform.gateway.listen.host
        configuration.port = platform.gateway.listen.port
        // A body that the bus does not carry is better refused before it has been read.
        configuration.bodySizeMax = min(platform.gateway.bodyBytesMax, platform.bus.bodyBytesMax)
        configuration.budget = platform.gateway.budget
        configuration.reservedPaths = platform.gateway.reserved
        return configuration
    }
}
