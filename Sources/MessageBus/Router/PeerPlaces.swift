/// Where connections stand in a list of whoever serves them.
///
/// Every message asks, and the few connections that talk most are found without hashing.
public struct PeerPlaces: Sendable {
    @usableFromInline
    struct Recent: Sendable {
        @usableFromInline var peer = PeerID(rawValue: 0)
        @usableFromInline var place = -1

        @inlinable
        init(peer: PeerID = PeerID(rawValue: 0), place: Int = -1) {
            self.peer = peer
            self.place = place
        }
    }

    /// A power of two: libzmq numbers connections one after the other, so as many neighbours do not meet.
    @usableFromInline static let recentCount = 64

    @usableFromInline var places: [PeerID: Int] = [:]
    @usableFromInline var recent = Array(repeating: Recent(), count: Self.recentCount)

    public init() {}

    public var count: Int { self.places.count }

    public subscript(peer: PeerID) -> Int? {
        get {
            self.places[peer]
        }
        set {
            self.places[peer] = newValue
            self.recent[Self.index(of: peer)] = Recent(peer: peer, place: newValue ?? -1)
        }
    }

    /// The place of a connection that has sent something, and will again.
    @inlinable
    public mutating func find(_ peer: PeerID) -> Int? {
        let recent = self.recent[Self.index(of: peer)]
        if recent.peer == peer, recent.place >= 0 { return recent.place }
        guard let place = self.places[peer] else { return nil }
        self.recent[Self.index(of: peer)] = Recent(peer: peer, place: place)
        return place
    }

    @inlinable
    static func index(of peer: PeerID) -> Int {
        Int(peer.rawValue) & (Self.recentCount - 1)
    }
}
