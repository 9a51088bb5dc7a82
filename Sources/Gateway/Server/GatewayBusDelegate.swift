public import Logging
public import MessageBus
public import WireProtocol

/// What the gateway does with what the bus tells it: it remembers.
public struct GatewayBusDelegate: BusConnectionDelegate {
    private let tables: RoutingTables
    private let logger: Logger

    /// Makes a delegate that keeps `tables` up to date.
    public init(_ tables: RoutingTables, logger: Logger) {
        self.tables = tables
        self.logger = logger
    }

    public func tableChanged(_ table: RoutingTableMessage) {
        self.tables.update(table)
        self.logger.info(
            "routing table",
            metadata: [
                "epoch": "\(table.epoch)",
                "routes": "\(table.routes.count)",
                "waiting_for": "\(table.waitingFor.joined(separator: " "))",
            ]
        )
    }

    public func reachabilityChanged(isReady: Bool) {
        self.tables.setConnected(isReady)
        self.logger.info(isReady ? "connected to the dispatcher" : "no connection to the dispatcher")
    }

    public func refused(_ refusal: Refusal) async {
        self.logger.error(
            "the dispatcher refuses this gateway",
            metadata: ["reasons": "\(refusal.reasons.map { "\($0.code): \($0.message)" }.joined(separator: "; "))"]
        )
    }
}
