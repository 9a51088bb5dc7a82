public import WireProtocol

/// What a peer on the bus is: how it builds itself, and how it answers.
///
/// All methods are called on the poll loop's executor.
public protocol BusConnectionDelegate: Sendable {
    /// The dispatcher knows this peer and hands it its configuration.
    ///
    /// Called for each connection, so again after the dispatcher was restarted.
    ///
    /// - Returns: What to register.
    /// - Throws: ``BusFarewell`` when the peer cannot do its work; the connection then says so to the operator and ends. Any other error ends
    ///   it with reason `failed`.
    func welcomed(_ welcome: Welcome) async throws -> Manifest

    /// The manifest was accepted; calls begin when this returns.
    func registered(_ registered: Registered) async throws

    /// The dispatcher does not want this peer. The connection stays, for the operator may change that.
    func refused(_ refusal: Refusal) async

    /// The routing table changed; hosts only.
    func tableChanged(_ table: RoutingTableMessage)

    /// The cache service says that something is out of date; peers of a cache service only.
    func invalidated(_ message: Envelope)

    /// Calls can be made from now on (`true`), or cannot (`false`).
    func reachabilityChanged(isReady: Bool)

    /// Answers a call.
    ///
    /// The task is cancelled when the caller gave up or the budget ended; a reply is not sent then.
    func serve(_ call: InboundCall) async -> BusReply
}

/// A host: it registers nothing and is never called.
extension BusConnectionDelegate {
    public func welcomed(_ welcome: Welcome) async throws -> Manifest { Manifest() }
    public func registered(_ registered: Registered) async throws {}
    public func refused(_ refusal: Refusal) async {}
    public func tableChanged(_ table: RoutingTableMessage) {}
    public func invalidated(_ message: Envelope) {}
    public func reachabilityChanged(isReady: Bool) {}
    public func serve(_ call: InboundCall) async -> BusReply {
        BusReply(fault: BusFault(.notFound, "this peer serves no calls"))
    }
}

/// Why a peer leaves the bus of its own accord.
public struct BusFarewell: Error, Hashable, Sendable {
    public var reason: Farewell.Reason
    public var problems: [Farewell.Problem]

    public init(_ reason: Farewell.Reason, problems: [Farewell.Problem]) {
        self.reason = reason
        self.problems = problems
    }
}

extension BusFarewell: CustomStringConvertible {
    public var description: String {
        self.problems
            .map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }
            .joined(separator: "\n")
    }
}
