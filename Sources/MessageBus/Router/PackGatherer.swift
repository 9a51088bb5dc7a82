internal import WireProtocol

/// Gathers what one burst sends, so that messages to the same connection travel in one pack if it reads packs.
///
/// The messages stay where they are, in the list of what is to be done: the gatherer knows their places in it.
struct PackGatherer {
    /// Messages to one connection that travel together, in their order.
    struct Group {
        let peer: PeerID
        let first: Int
        var last: Int
        var count = 1
        /// The bytes of the pack; of a message that travels alone, what no other fits in.
        var size: Int
    }

    /// Where a connection's messages are being gathered.
    private struct Opening {
        var group = 0
        /// The burst that this is about: what was gathered for an earlier one has left.
        var burst: UInt64 = 0
    }

    private var places = PeerPlaces()
    private var openings: [Opening] = []
    private var freePlaces: [Int] = []
    private var burst: UInt64 = 1
    /// For each message the one that follows it in its group.
    private var followers: [Int] = []
    /// What is to be sent, in this order: it keeps that of the messages to each connection.
    private(set) var groups: [Group] = []

    /// How many connections read packs.
    var count: Int { self.places.count }

    /// Takes a message up.
    ///
    /// - Parameters:
    ///   - index: Its place in the list; each is higher than that of the message before.
    ///   - envelope: The message. A `WELCOME` tells whether its receiver reads packs.
    ///   - peer: The connection to send it to.
    /// - Returns: `false` when it has to be sent at once, for its connection reads no packs.
    mutating func gather(_ index: Int, _ envelope: borrowing Envelope, to peer: PeerID) -> Bool {
        if envelope.header.kind == .welcome { self.settle(peer, readsPacks: envelope.header.flags.contains(.packs)) }
        guard !self.openings.isEmpty, let place = self.places.find(peer) else { return false }
        let opening = self.openings[place]
        if opening.burst == self.burst, let size = Pack.size(of: envelope),
            self.groups[opening.group].size + size <= Pack.sizeMax
        {
            self.join(opening.group, index, size)
        } else {
            self.open(place, index, Pack.size(of: envelope) ?? Pack.sizeMax, peer)
        }
        return true
    }

    private mutating func join(_ group: Int, _ index: Int, _ size: Int) {
        self.follow(self.groups[group].last, by: index)
        self.groups[group].last = index
        self.groups[group].count += 1
        self.groups[group].size += size
    }

    private mutating func open(_ place: Int, _ index: Int, _ size: Int, _ peer: PeerID) {
        self.openings[place] = Opening(group: self.groups.count, burst: self.burst)
        self.groups.append(Group(peer: peer, first: index, last: index, size: size))
    }

    private mutating func follow(_ index: Int, by next: Int) {
        while self.followers.count <= index { self.followers.append(0) }
        self.followers[index] = next
    }

    /// The places of a group's messages, in order.
    func indices(of group: Group) -> some Sequence<Int> {
        let followers = self.followers
        return sequence(first: group.first) { $0 == group.last ? nil : followers[$0] }
    }

    /// Forgets what was gathered: it has been sent.
    mutating func finishBurst() {
        self.burst += 1
        self.groups.removeAll(keepingCapacity: true)
        self.followers.removeAll(keepingCapacity: true)
    }

    /// Forgets a connection that is gone.
    mutating func forget(_ peer: PeerID) {
        self.settle(peer, readsPacks: false)
    }

    private mutating func settle(_ peer: PeerID, readsPacks: Bool) {
        let place = self.places[peer]
        guard readsPacks != (place != nil) else { return }
        if let place {
            self.places[peer] = nil
            self.freePlaces.append(place)
        } else {
            let place = self.freePlaces.popLast() ?? self.openings.count
            if place == self.openings.count { self.openings.append(Opening()) }
            self.openings[place] = Opening()
            self.places[peer] = place
        }
    }
}
