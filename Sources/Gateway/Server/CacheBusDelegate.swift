public import Logging
public import MessageBus
public import WireProtocol

/// The gateway at the cache service: it asks and keeps nothing, so that invalidations mean nothing to it.
public struct CacheBusDelegate: BusConnectionDelegate {
    private let logger: Logger

    public init(logger: Logger) {
        self.logger = logger
    }

    public func reachabilityChanged(isReady: Bool) {
        self.logger.info(isReady ? "connected to the cache service" : "no connection to the cache service")
    }

    public func refused(_ refusal: Refusal) async {
        self.logger.error(
            "the cache service refuses this gateway",
            metadata: ["reasons": "\(refusal.reasons.map { "\($0.code): \($0.message)" }.joined(separator: "; "))"]
        )
    }
}
