public import WireProtocol

/// Whoever can tell the dispatcher whether this peer takes calls.
public protocol ReadinessSink: Sendable {
    /// Says from now on, on this connection and on each that follows it, whether the peer takes calls.
    ///
    /// Before the peer is ready for the first time nothing is sent; what was said last goes out when it becomes ready.
    func announce(_ readiness: Readiness)
}

extension BusConnection: ReadinessSink {
    public func announce(_ readiness: Readiness) {
        self.onLoop { $0.announce(readiness) }
    }
}
