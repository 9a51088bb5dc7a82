internal import WireProtocol

/// The packs that are being filled for the connections that read packs.
///
/// What a burst sends to one of them is written into its pack, which leaves when it is full, when a message has to travel alone behind it,
/// or at the end of the burst.
struct OutgoingPacks {
    /// One connection's messages, ready to be sent.
    struct Filling {
        fileprivate(set) var peer = PeerID(rawValue: 0)
        /// The connection's place among those that read packs.
        fileprivate var place = -1
        fileprivate(set) var messages = PackFilling()
    }

    /// How many packs are filled at a time; each has memory of its own, which is used again.
    static let countMax = 64
    /// How many connections are sent packs; who is forgotten for another one is sent messages that travel alone, which any peer reads.
    static let readersMax = 4096

    private var places = PeerPlaces()
    /// Who has each place, or had it last.
    private var peers: [PeerID] = []
    /// For each connection which pack is being filled for it; -1 for none.
    private var openings: [Int] = []
    private var freePlaces: [Int] = []
    /// The place to take next when all are taken.
    private var oldest = 0
    /// The packs being filled, and behind them those whose memory is free.
    private var packs: [Filling] = []
    /// How many packs are being filled.
    private(set) var count = 0

    /// How many connections read packs.
    var readers: Int { self.places.count }

    /// The place of a connection that reads packs; nil for all others.
    mutating func place(of peer: PeerID) -> Int? {
        self.openings.isEmpty ? nil : self.places.find(peer)
    }

    /// Notes whether a connection reads packs.
    ///
    /// - Precondition: Nothing is being packed: the place of any connection may be given to another.
    mutating func settle(_ peer: PeerID, readsPacks: Bool) {
        let place = self.places[peer]
        guard readsPacks != (place != nil) else { return }
        if let place { return self.free(place) }
        let taken = self.takePlace()
        self.peers[taken] = peer
        self.places[peer] = taken
    }

    private mutating func free(_ place: Int) {
        precondition(!self.isOpen(place), "Something is being packed for a connection that is forgotten.")
        self.places[self.peers[place]] = nil
        self.freePlaces.append(place)
    }

    private mutating func takePlace() -> Int {
        if self.freePlaces.isEmpty, self.openings.count == Self.readersMax {
            self.free(self.oldest)
            self.oldest = (self.oldest + 1) % Self.readersMax
        }
        if let place = self.freePlaces.popLast() { return place }
        self.openings.append(-1)
        self.peers.append(PeerID(rawValue: 0))
        return self.openings.count - 1
    }

    // MARK: Filling

    /// Whether something waits to leave before anything else may be sent to a connection.
    func isOpen(_ place: Int) -> Bool { self.openings[place] >= 0 }

    /// Whether a message of so many bytes fits in what is being filled.
    func hasRoom(for size: Int, at place: Int) -> Bool {
        let opening = self.openings[place]
        guard opening >= 0 else { return self.count < Self.countMax }
        return self.packs[opening].messages.hasRoom(for: size)
    }

    /// Writes a message into the pack of a connection, which has room for it.
    mutating func add(_ envelope: Envelope, of size: Int, for peer: PeerID, at place: Int) {
        if self.openings[place] < 0 { self.open(place, peer) }
        self.packs[self.openings[place]].messages.add(envelope, of: size)
    }

    private mutating func open(_ place: Int, _ peer: PeerID) {
        if self.count == self.packs.count { self.packs.append(Filling()) }
        self.packs[self.count].peer = peer
        self.packs[self.count].place = place
        self.packs[self.count].messages.removeAll()
        self.openings[place] = self.count
        self.count += 1
    }

    // MARK: Leaving

    /// The packs that are being filled.
    var filled: ArraySlice<Filling> { self.packs[..<self.count] }

    /// What is being filled for a connection.
    func pack(at place: Int) -> Filling? {
        self.isOpen(place) ? self.packs[self.openings[place]] : nil
    }

    /// Forgets what was filled for a connection: it was sent.
    mutating func close(_ place: Int) {
        let opening = self.openings[place]
        guard opening >= 0 else { return }
        self.openings[place] = -1
        self.count -= 1
        guard opening < self.count else { return }
        self.packs.swapAt(opening, self.count)
        self.openings[self.packs[opening].place] = opening
    }

    /// Forgets all that was filled: it was sent.
    mutating func closeAll() {
        for pack in self.packs[..<self.count] { self.openings[pack.place] = -1 }
        self.count = 0
    }
}
