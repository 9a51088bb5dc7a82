public import MessageBus
internal import WireProtocol

extension BusConnectionConfiguration {
    /// The gateway as a host on the bus.
    public static func gateway(endpoint: String, heartbeat: Duration, bodySizeMax: Int) -> Self {
        Self(
            endpoint: endpoint,
            id: "gateway",
            role: .host,
            heartbeatMilliseconds: UInt32(clamping: Int64(heartbeat / .milliseconds(1))),
            bodySizeMax: bodySizeMax
        )
    }
}
