public import WireProtocol

/// Where a ``RouterService`` listens, and its bounds.
public struct RouterConfiguration: Sendable {
    /// `ipc://` and `tcp://` endpoints to bind.
    public var endpoints: [String]
    /// The longest body of one message, in bytes.
    public var bodySizeMax: Int
    /// The most messages that libzmq keeps for one connection, each way.
    ///
    /// A pack is one of them, with up to 16 KiB. A safety net; the flow is controlled above.
    public var messagesMax: Int

    public init(
        endpoints: [String],
        bodySizeMax: Int = WireLimits.defaultBodySize,
        messagesMax: Int = 10_000
    ) {
        self.endpoints = endpoints
        self.bodySizeMax = bodySizeMax
        self.messagesMax = messagesMax
    }
}
