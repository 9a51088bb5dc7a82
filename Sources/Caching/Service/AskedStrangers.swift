import MessageBus

/// The connections that were asked lately who they are: one that sends much is not asked each time.
///
/// It remembers a few, for connections that nobody knows may be any number.
struct AskedStrangers: Sendable {
    private struct Asked {
        var peer: PeerID
        var at: MonotonicTime
    }

    /// At most one question in this time (`docs/wire-protocol.md` §8).
    private static let interval = Duration.milliseconds(100)
    /// libzmq numbers connections one after the other, so as many neighbours do not meet.
    private static let countMax = 64

    private var asked = [Asked?](repeating: nil, count: Self.countMax)

    /// Whether it is time to ask a connection; who is told so asks.
    mutating func mayAsk(_ peer: PeerID, at now: MonotonicTime) -> Bool {
        let place = Int(peer.rawValue) % Self.countMax
        if let last = self.asked[place], last.peer == peer, now < last.at + Self.interval { return false }
        self.asked[place] = Asked(peer: peer, at: now)
        return true
    }
}
