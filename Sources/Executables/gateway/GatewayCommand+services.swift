import Foundation
import Gateway
import Logging
import MessageBus
import ServiceLifecycle
import ServiceRuntime

extension GatewayCommand {
    /// The services of the process, in the order in which they start; they stop in the opposite one.
    static func services(_ platform: PlatformConfiguration, logger: Logger) throws -> [any Service] {
        let thread = try SocketThread(label: "gateway")
        let tables = RoutingTables(reservedPaths: platform.gateway.reserved)
        let bus = BusConnection(
            configuration: .gateway(
                endpoint: platform.bus.connect,
                heartbeat: platform.bus.heartbeat,
                bodySizeMax: platform.bus.bodyBytesMax
            ),
            loop: thread.loop,
            context: thread.context,
            delegate: GatewayBusDelegate(tables, logger: logger),
            logger: logger
        )
        let cache = platform.cache.isConfigured ? Self.cache(platform, thread, logger) : nil
        let gateway = GatewayService(
            Self.gatewayConfiguration(platform),
            token: try Self.token(platform.gateway.adminTokenFile),
            bus: bus,
            cache: cache,
            tables: tables,
            loop: thread.loop,
            logger: logger
        )
        return [thread, bus] + (cache.map { [$0] } ?? []) + [gateway]
    }

    /// The connection over which operators reach the cache service.
    private static func cache(
        _ platform: PlatformConfiguration,
        _ thread: SocketThread,
        _ logger: Logger
    ) -> BusConnection {
        BusConnection(
            configuration: .gateway(
                endpoint: platform.cache.connect,
                heartbeat: platform.bus.heartbeat,
                bodySizeMax: platform.bus.bodyBytesMax
            ),
            loop: thread.loop,
            context: thread.context,
            delegate: CacheBusDelegate(logger: logger),
            logger: logger
        )
    }

    /// The token, made by whichever process of the platform comes first.
    private static func token(_ file: String) throws -> BearerToken {
        let folder = URL(filePath: file).deletingLastPathComponent().path
        // A folder that an operator has chosen is left as it is: the token itself must be nobody else's in any case.
        if !FileManager.default.fileExists(atPath: folder) { try PrivateFolder.prepare(folder) }
        return BearerToken(try AdminToken.loadOrCreate(file).text)
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
