/// Where the calls of one caller are among the chains, for a caller that cancels what is not among its newest.
///
/// Nearly all cancel nothing, or what they have just called. So a caller has an index from the first time that it cancels something older, or what it has not called, and
/// until it has made ``callsMax`` calls without doing so again: the walk that makes an index is paid for by those calls, however many ids a caller invents.
struct CancelIndex {
    /// How many of the newest calls are looked at before there is an index.
    static let newestMax = 16
    /// How many calls an index lives that nobody asks.
    static let callsMax = 4096

    private var places: [UInt64: Int] = [:]
    private var callsLeft = Self.callsMax

    /// The place of a call; nil for one that is not there.
    mutating func find(_ callID: UInt64) -> Int? {
        self.callsLeft = Self.callsMax
        return self.places[callID]
    }

    /// Adds a call; of two with the same id the newer one counts.
    ///
    /// - Returns: Whether the index is still worth its keep.
    mutating func add(_ callID: UInt64, at place: Int) -> Bool {
        self.places[callID] = place
        self.callsLeft -= 1
        return self.callsLeft > 0
    }

    mutating func remove(_ callID: UInt64, at place: Int) {
        guard self.places[callID] == place else { return }
        self.places[callID] = nil
    }
}
