/// Whether the other side of a connection is alive, and when to say that we are (`docs/wire-protocol.md` §7).
///
/// Any message proves life; a `PING` is sent only into silence.
public struct PeerLiveness: Hashable, Sendable {
    /// What is due.
    public enum Event: Hashable, Sendable {
        /// Nothing has been sent for an interval: send a `PING`.
        case ping
        /// Nothing has been heard for two intervals: no new calls.
        case unresponsive
        /// Nothing has been heard for too long: the other side is gone.
        case lost
    }

    public enum State: Hashable, Sendable {
        case responsive
        case unresponsive
        case lost
    }

    @inlinable public var state: State { self.standing }
    @usableFromInline var standing = State.responsive
    @usableFromInline var lastHeard: MonotonicTime
    @usableFromInline var lastSent: MonotonicTime
    // In nanoseconds.
    private let pingAfter: UInt64
    private let unresponsiveAfter: UInt64
    private let lostAfter: UInt64

    /// - Parameters:
    ///   - intervalMilliseconds: Silence after which a `PING` is sent.
    ///   - liveness: How many double intervals of silence end the connection.
    ///   - now: When the connection began.
    public init(intervalMilliseconds: UInt32, liveness: UInt32, now: MonotonicTime) {
        let interval = UInt64(max(1, intervalMilliseconds)) * 1_000_000
        let (silence, overflow) = (2 * interval).multipliedReportingOverflow(by: UInt64(max(1, liveness)))
        self.pingAfter = interval
        self.unresponsiveAfter = 2 * interval
        self.lostAfter = overflow ? .max : silence
        self.lastHeard = now
        self.lastSent = now
    }

    /// Notes that a message came.
    ///
    /// - Returns: Whether the other side was unresponsive and is back.
    @discardableResult
    @inlinable
    public mutating func heard(at now: MonotonicTime) -> Bool {
        self.lastHeard = now
        guard self.standing == .unresponsive else { return false }
        self.standing = .responsive
        return true
    }

    /// Notes that a message left.
    @inlinable
    public mutating func sent(at now: MonotonicTime) {
        self.lastSent = now
    }

    /// Reports what is due, the gravest first; each change of state is reported once.
    public mutating func advance(to now: MonotonicTime) -> Event? {
        if self.state != .lost, now >= self.lostAt {
            self.standing = .lost
            return .lost
        }
        if self.standing == .responsive, now >= self.unresponsiveAt {
            self.standing = .unresponsive
            return .unresponsive
        }
        guard self.state != .lost, now >= self.pingAt else { return nil }
        self.lastSent = now
        return .ping
    }

    /// When ``advance(to:)`` will have something to report.
    public var nextDeadline: MonotonicTime? {
        switch self.state {
        case .responsive: min(self.pingAt, self.unresponsiveAt)
        case .unresponsive: min(self.pingAt, self.lostAt)
        case .lost: nil
        }
    }

    private var pingAt: MonotonicTime {
        self.lastSent.adding(nanoseconds: self.pingAfter)
    }

    private var unresponsiveAt: MonotonicTime {
        self.lastHeard.adding(nanoseconds: self.unresponsiveAfter)
    }

    private var lostAt: MonotonicTime {
        self.lastHeard.adding(nanoseconds: self.lostAfter)
    }
}
