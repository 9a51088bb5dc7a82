import MessageBus

/// Where the connections stand among the peers.
///
/// Every message asks, and the few connections that talk most are found without hashing.
struct PeerPlaces: Sendable {
    private struct Recent {
        var peer = PeerID(rawValue: 0)
        var place = -1
    }

    /// A power of two: libzmq numbers connections one after the other, so as many neighbours do not meet.
    private static let recentCount = 64

    private var places: [PeerID: Int] = [:]
    private var recent = Array(repeating: Recent(), count: Self.recentCount)

    var count: Int { self.places.count }

    subscript(peer: PeerID) -> Int? {
        get {
            self.places[peer]
        }
        set {
            self.places[peer] = newValue
            self.recent[Self.index(of: peer)] = Recent(peer: peer, place: newValue ?? -1)
        }
    }

    /// The place of a connection that has sent something, and will again.
    mutating func find(_ peer: PeerID) -> Int? {
        let recent = self.recent[Self.index(of: peer)]
        if recent.peer == peer, recent.place >= 0 { return recent.place }
        guard let place = self.places[peer] else { return nil }
        self.recent[Self.index(of: peer)] = Recent(peer: peer, place: place)
        return place
    }

    private static func index(of peer: PeerID) -> Int {
        Int(peer.rawValue) & (Self.recentCount - 1)
    }
}
