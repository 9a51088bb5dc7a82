internal import Hummingbird
internal import WireProtocol

/// What supervisors and load balancers ask, without a token: `/_ganglion/health` and `/_ganglion/ready`.
struct Probes: Sendable {
    let tables: RoutingTables

    /// The process is alive: it answered.
    func health() -> Response {
        .json(["alive": true])
    }

    /// Whether requests have somewhere to go: the dispatcher is there and every configured module is ready.
    func ready() -> Response {
        let table = self.tables.current
        let isConnected = self.tables.isConnected
        let waitingFor = table?.waitingFor ?? []
        let isReady = isConnected && table != nil && waitingFor.isEmpty
        return .json(
            [
                "ready": .bool(isReady),
                "connected": .bool(isConnected),
                "epoch": .integer(Int64(clamping: table?.epoch ?? 0)),
                "waiting_for": .array(waitingFor.map(JSONValue.string)),
            ],
            status: isReady ? .ok : .serviceUnavailable,
            headers: isReady ? [:] : [.retryAfter: "1"]
        )
    }
}
