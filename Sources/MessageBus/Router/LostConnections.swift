internal import WireProtocol

/// The connections that were found gone, until everything that came from them has been received.
///
/// libzmq refuses to send as soon as a connection ends, while what the other side said last, a reply or why it leaves, still waits to
/// be read. Who is told of the end first takes a goodbye for a crash.
struct LostConnections {
    /// How long the end is kept back while others send so much that the socket is never read empty.
    static let patience = Duration.milliseconds(100)
    /// How many are kept back at most.
    static let countMax = 4096

    private var messages: [(header: Header, peer: PeerID)] = []
    private var since: MonotonicTime?

    var isEmpty: Bool { self.messages.isEmpty }

    /// How many messages found their connection gone.
    var count: Int { self.messages.count }

    mutating func append(_ header: Header, to peer: PeerID, at now: MonotonicTime) {
        self.since = self.since ?? now
        self.messages.append((header, peer))
    }

    /// Takes the first messages, if it is time to tell of them.
    ///
    /// - Parameters:
    ///   - count: How many there were before the socket was read.
    ///   - isDrained: Whether it was read until nothing was left.
    ///   - now: The time.
    /// - Returns: Messages in the order in which they found nobody; none when it is too early.
    mutating func take(_ count: Int, isDrained: Bool, at now: MonotonicTime) -> [(header: Header, peer: PeerID)] {
        guard let since, isDrained || since + Self.patience <= now || self.messages.count >= Self.countMax else {
            return []
        }
        let taken = Array(self.messages.prefix(count))
        self.messages.removeFirst(taken.count)
        self.since = self.messages.isEmpty ? nil : now
        return taken
    }
}
