/// The lanes of notifications that keep their order: of one lane one is told at a time, in the order in which they came.
///
/// A lane exists only while somebody is in it, so there are never more than calls in flight; each is as long as the operator says.
struct OrderLanes {
    /// Whom something is told, about what.
    struct Key: Hashable {
        var module: Int
        var callback: Int
        /// The value that orders, as JSON.
        var value: String
    }

    private struct Lane: SlabElement {
        var key: Key
        /// Who is being told, and those behind it.
        var ids: [UInt64]

        mutating func vacate() {
            self = Lane(key: Key(module: 0, callback: 0, value: ""), ids: [])
        }
    }

    private var lanes = Slab<Lane>()
    private var places: [Key: Int] = [:]

    var count: Int { self.places.count }
    /// Those whose turn has not come.
    var waiting: [UInt64] { self.places.values.flatMap { self.lanes[$0].ids.dropFirst() } }

    /// The place of a key's lane; nil while nobody is in it.
    func lane(of key: Key) -> Int? { self.places[key] }

    /// Whether one more may wait in a lane.
    func hasRoom(_ lane: Int, waitingMax: Int) -> Bool { self.lanes[lane].ids.count <= waitingMax }

    /// Begins a lane with the one whose turn it is.
    mutating func begin(_ key: Key, _ id: UInt64) -> Int {
        let lane = self.lanes.insert(Lane(key: key, ids: [id]))
        self.places[key] = lane
        return lane
    }

    /// Adds one to the end of a lane.
    mutating func wait(_ lane: Int, _ id: UInt64) {
        self.lanes[lane].ids.append(id)
    }

    /// Takes one out, wherever it stands.
    ///
    /// - Returns: Whose turn it is now, if it was the turn of the one who left.
    mutating func leave(_ lane: Int, _ id: UInt64) -> UInt64? {
        guard let place = self.lanes[lane].ids.firstIndex(of: id) else { return nil }
        self.lanes[lane].ids.remove(at: place)
        guard let next = self.lanes[lane].ids.first else {
            self.places[self.lanes[lane].key] = nil
            self.lanes.remove(at: lane)
            return nil
        }
        return place == 0 ? next : nil
    }
}
