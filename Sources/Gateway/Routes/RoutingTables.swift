internal import Synchronization
public import WireProtocol

/// What the gateway knows about the bus: whether it is there, and the newest routing table.
///
/// The table outlives the connection. While the dispatcher restarts, a path keeps its owner, and its callers are told
/// that nobody can be reached instead of that there is no such path.
public final class RoutingTables: Sendable {
    private struct State {
        var isConnected = false
        var table: RouteTable?
        var message: RoutingTableMessage?
    }

    private let state = Mutex(State())
    private let reserved: ReservedPaths

    /// Knows nothing yet.
    ///
    /// - Parameter reservedPaths: the prefixes below which no module is served, whatever a table says.
    public init(reservedPaths: [String]) {
        self.reserved = ReservedPaths(reservedPaths)
    }

    /// The newest table; `nil` before the first.
    var current: RouteTable? {
        self.state.withLock { $0.table }
    }

    /// Whether there is a connection to the dispatcher.
    public var isConnected: Bool {
        self.state.withLock { $0.isConnected }
    }

    /// The dispatcher has welcomed this gateway, or the connection is gone.
    public func setConnected(_ isConnected: Bool) {
        self.state.withLock { $0.isConnected = isConnected }
    }

    /// A table came.
    public func update(_ message: RoutingTableMessage) {
        // Built outside the lock: a table of thousands of routes must not hold up the requests. Tables come one after the
        // other, so none can come in between.
        let message = message.keepingRoutes(of: self.state.withLock { $0.message })
        let table = RouteTable(message, reserved: self.reserved)
        self.state.withLock { state in
            state.message = message
            state.table = table
        }
    }
}
